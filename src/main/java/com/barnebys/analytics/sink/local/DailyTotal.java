package com.barnebys.analytics.sink.local;

/**
 * Hits of one kind, program and day. Kept when the rows themselves are deleted for their age: it says nothing about a
 * person.
 *
 * @param day in UTC, {@code 2026-11-23}
 * @param isLead whether these are lead rows
 */
public record DailyTotal(String kind, String programId, String day, boolean isLead, long hits) {}
