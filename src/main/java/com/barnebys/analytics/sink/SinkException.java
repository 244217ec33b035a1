package com.barnebys.analytics.sink;

/**
 * The batch was not stored, or nobody knows whether it was. Always worth another try: ask {@link Sink#position()} and go
 * on from there.
 */
public final class SinkException extends Exception {
    private static final long serialVersionUID = 1L;

    private final RetryCause retryCause;

    public SinkException(RetryCause retryCause, String message, Throwable cause) {
        super(message, cause);
        this.retryCause = retryCause;
    }

    public RetryCause retryCause() {
        return retryCause;
    }
}
