package com.barnebys.analytics.sink.bigquery.fake;

/**
 * An AppendRows request as it came.
 *
 * @param stream as the first request of the call named it
 * @param offset -1: none
 * @param bytes serialized size of the request
 * @param requestParams header x-goog-request-params of the call, empty when it had none
 * @param traceId of the call's first request
 */
public record AppendFacts(String stream, long offset, int rows, int bytes, String requestParams, String traceId) {}
