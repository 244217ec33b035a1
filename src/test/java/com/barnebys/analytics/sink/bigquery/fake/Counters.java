package com.barnebys.analytics.sink.bigquery.fake;

/**
 * What was asked of the fake so far, answered or not.
 *
 * @param appendCalls AppendRows calls (connections) opened
 * @param openCalls those open now
 * @param openCallsPeak most at a time
 * @param appendRows rows of all append requests, stored or not
 * @param restRequests all of REST, insertAll too
 */
public record Counters(
        long appendCalls,
        int openCalls,
        int openCallsPeak,
        long appendRequests,
        long appendRows,
        long createStreamCalls,
        long finalizeStreamCalls,
        long restRequests,
        long insertAllRequests) {}
