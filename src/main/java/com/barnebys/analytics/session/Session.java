package com.barnebys.analytics.session;

/**
 * What a visitor's last affiliate hit said.
 *
 * @param issuedAtSeconds Unix time of that hit
 */
public record Session(String kind, String programId, long issuedAtSeconds) {}
