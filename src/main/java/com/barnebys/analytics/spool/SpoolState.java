package com.barnebys.analytics.spool;

/** Whether the spool takes groups. Reading and trimming go on in each of these. */
public enum SpoolState {
    /** Takes groups. */
    READY,
    /** The last group was refused for want of room. Ends by itself when there is room again. */
    FULL,
    /** What is on the disk is no longer certain: nothing is taken until the process is started anew. */
    FAILED
}
