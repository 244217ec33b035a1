package com.barnebys.analytics.reference;

/** What became of a reference that was to be stored. */
public enum Creation {
    CREATED,
    /** One of its refs was there already for that program and fingerprint; nothing was stored. */
    ALREADY_CREATED
}
