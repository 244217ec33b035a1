package com.barnebys.analytics.intake;

import com.barnebys.analytics.bus.Receipt;

/** What the intake counts. Called on the worker, once a group or batch. */
public interface IntakeMetrics {
    /** Nobody counts. */
    IntakeMetrics NONE = new IntakeMetrics() {
        @Override
        public void accepted(String table, int rows) {}

        @Override
        public void refused(Receipt receipt, int rows) {}
    };

    /** Rows that are in the spool now: what the books call accepted. */
    void accepted(String table, int rows);

    /** Rows the spool did not take. */
    void refused(Receipt receipt, int rows);
}
