package com.barnebys.analytics.cli;

import com.barnebys.analytics.sink.local.ResultConsumer;

/** Prints the answer to a query as it comes. */
interface ResultPrinter extends ResultConsumer {
    /** Prints what was held back. */
    void end();
}
