package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.RetryCause;
import java.time.Duration;

/** Why BigQuery did not take a request, sorted by what can be done about it. The names are those in the log; metrics
 * count them by {@link RetryCause}. */
enum Failure {
    /** Another block was expected at this place of the stream: one before it failed, or state and stream disagree. */
    OFFSET_OUT_OF_RANGE(RetryCause.OFFSET),
    /** The stream takes no more rows; its count of rows is known to finalizeStream. */
    STREAM_FINALIZED(RetryCause.OFFSET),
    /** Stream or table is not there. */
    NOT_FOUND(RetryCause.MISSING),
    /** The connection was lost, or the service asks to come again: nobody knows whether the request counted. */
    CONNECTION(RetryCause.IO),
    /** No answer within the limit. Nobody knows whether the request counted. */
    TIMEOUT(RetryCause.TIMEOUT),
    /** A quota is used up; it is filled again in seconds to minutes. */
    QUOTA(RetryCause.QUOTA),
    /** More bytes or rows than one request may have. */
    TOO_LARGE(RetryCause.REQUEST),
    /** The request is not understood and no row is named: one of its rows, or its schema. */
    INVALID(RetryCause.REQUEST),
    /** A column was sent that the service does not know (yet: a new one takes minutes). */
    SCHEMA_UNKNOWN_FIELD(RetryCause.SCHEMA),
    /** A column has another type in the table, and the values cannot be written as it. */
    SCHEMA_TYPE(RetryCause.SCHEMA),
    /** Not allowed; can also be a table that is not there. */
    PERMISSION_DENIED(RetryCause.ACCESS),
    /** No credentials, or none that count. */
    UNAUTHENTICATED(RetryCause.ACCESS),
    /** The dataset is not there, and is not to be created. */
    DATASET_MISSING(RetryCause.MISSING),
    /** Anything else; the log has the message. */
    OTHER(RetryCause.OTHER);

    private final RetryCause retryCause;

    Failure(RetryCause retryCause) {
        this.retryCause = retryCause;
    }

    /**
     * The least to wait before the next try. A quota is filled again in 10 s (a cell) to 10 min (a region); one of making
     * streams, in minutes. What a person has to mend is looked at now and then.
     *
     * @param isMakingStream whether it may be that quota
     */
    Duration leastWait(boolean isMakingStream) {
        return switch (this) {
            case QUOTA -> Duration.ofSeconds(isMakingStream ? 60 : 10);
            case UNAUTHENTICATED, SCHEMA_TYPE, DATASET_MISSING -> Duration.ofSeconds(10);
            case NOT_FOUND, SCHEMA_UNKNOWN_FIELD, PERMISSION_DENIED, INVALID -> Duration.ofSeconds(1);
            default -> Duration.ZERO;
        };
    }

    RetryCause retryCause() {
        return retryCause;
    }
}
