package com.barnebys.analytics.spool;

/** When an accepted group is flushed to the disk. No policy loses anything to the death of the process. */
public enum SyncPolicy {
    /** When the kernel likes to (up to 30 s on ext4), and before a reader hands it out. */
    NONE,
    /** At most an interval after it was appended, on a thread of the spool's own. A power cut takes that much. */
    INTERVAL,
    /** Before the append returns, on the writer's thread. A power cut takes nothing; each append waits for the disk. */
    GROUP
}
