package com.barnebys.analytics.sink.bigquery.fake;

/**
 * What goes wrong with one REST request. As it is, nothing is done; {@link #afterDoing()} makes the one whose answer alone
 * is lost.
 */
public record RestFault(Effect effect, boolean isDone, int status, String reason, String message) {
    /** Never an answer. */
    public static final RestFault HANG = new RestFault(Effect.HANG, false, 0, "", "");

    /** The connection is closed instead of an answer. */
    public static final RestFault CLOSED = new RestFault(Effect.CLOSE, false, 0, "", "");

    /** What a proxy in between says. */
    public static final RestFault BAD_GATEWAY = new RestFault(Effect.HTML, false, 502, "", "Bad Gateway");

    /** A page, too: of whoever guards the way out. */
    public static final RestFault GUARDED = new RestFault(Effect.HTML, false, 403, "", "Forbidden");

    /** Nothing goes wrong: lets a request pass before the next fault. */
    public static final RestFault NONE = new RestFault(Effect.NONE, true, 200, "", "");

    public static final RestFault FORBIDDEN =
            error(403, "accessDenied", "Access Denied: User does not have the permission this needs.");

    public static final RestFault UNAUTHORIZED = error(401, "authError", "Invalid Credentials");

    enum Effect {
        NONE,
        ERROR,
        HTML,
        HANG,
        CLOSE
    }

    public static RestFault error(int status, String reason, String message) {
        return new RestFault(Effect.ERROR, false, status, reason, message);
    }

    public RestFault afterDoing() {
        return new RestFault(effect, true, status, reason, message);
    }
}
