package com.barnebys.analytics.hit;

/** What became of a request's claim. */
public sealed interface Verdict permits TrackHit, Rejection {}
