package com.barnebys.analytics.sink.bigquery.fake;

import java.util.ArrayList;
import java.util.List;

/** What was asked of the fake, answered or not. */
final class Ledger {
    private final List<AppendFacts> appends = new ArrayList<>();
    private final boolean keepsFacts;

    private long appendCalls;
    private int openCalls;
    private int openCallsPeak;
    private long appendRequests;
    private long appendRows;
    private long createStreamCalls;
    private long finalizeStreamCalls;
    private long restRequests;
    private long insertAllRequests;

    Ledger(boolean keepsFacts) {
        this.keepsFacts = keepsFacts;
    }

    synchronized void callOpened() {
        appendCalls++;
        openCalls++;
        openCallsPeak = Math.max(openCallsPeak, openCalls);
    }

    synchronized void callEnded() {
        openCalls--;
    }

    synchronized void appended(AppendFacts facts) {
        appendRequests++;
        appendRows += facts.rows();
        if (keepsFacts) {
            appends.add(facts);
        }
    }

    synchronized void createStreamCalled() {
        createStreamCalls++;
    }

    synchronized void finalizeStreamCalled() {
        finalizeStreamCalls++;
    }

    synchronized void restRequested(Faults.Rest kind) {
        restRequests++;
        if (kind == Faults.Rest.INSERT_ALL) {
            insertAllRequests++;
        }
    }

    synchronized List<AppendFacts> appends() {
        return List.copyOf(appends);
    }

    synchronized Counters counters() {
        return new Counters(
                appendCalls,
                openCalls,
                openCallsPeak,
                appendRequests,
                appendRows,
                createStreamCalls,
                finalizeStreamCalls,
                restRequests,
                insertAllRequests);
    }
}
