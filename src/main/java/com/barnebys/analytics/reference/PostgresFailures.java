package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Sorts what Vert.x and PostgreSQL say (postgresql.org, "PostgreSQL Error Codes") by what can be done about it. */
final class PostgresFailures {
    private static final String UNDEFINED_TABLE = "42P01";
    private static final String QUERY_CANCELED = "57014";
    /** Classes: connection, resources, operator intervention. */
    private static final Set<String> AWAY = Set.of("08", "53", "57");
    /** Classes: login, database that is not there. */
    private static final Set<String> REFUSED = Set.of("28", "3D");

    /** All that the pool says when no connection came about in time; it has no kind of its own. */
    private static final String NO_CONNECTION = "Timeout";

    private static final String RIGHT_MISSING = "42501";

    private final PostgresUrl url;

    PostgresFailures(PostgresUrl url) {
        this.url = url;
    }

    /** The SQLSTATE; null when it is no answer of the server. */
    static @Nullable String state(Throwable cause) {
        return cause instanceof PgException answer ? answer.getSqlState() : null;
    }

    static boolean isTableMissing(Throwable cause) {
        return UNDEFINED_TABLE.equals(state(cause));
    }

    ReferenceStoreException sorted(Throwable cause) {
        if (cause instanceof ReferenceStoreException known) {
            return known;
        }
        String text = url.scrubbed(cause.getClass().getSimpleName() + ": " + cause.getMessage());
        return new ReferenceStoreException(reason(cause), text + " at " + url);
    }

    private static Reason reason(Throwable cause) {
        String state = state(cause);
        if (state != null) {
            if (state.equals(QUERY_CANCELED)) {
                return Reason.TIMEOUT;
            }
            String group = state.substring(0, Math.min(2, state.length()));
            if (AWAY.contains(group)) {
                return Reason.AWAY;
            }
            return REFUSED.contains(group) || state.equals(RIGHT_MISSING) ? Reason.REFUSED : Reason.FAILED;
        }
        if (cause instanceof ConnectionPoolTooBusyException) {
            return Reason.FULL;
        }
        if (cause instanceof TimeoutException || NO_CONNECTION.equals(cause.getMessage())) {
            return Reason.TIMEOUT;
        }
        if (cause instanceof IOException || cause instanceof ClosedConnectionException) {
            return Reason.AWAY;
        }
        // How Vert.x says that TLS failed, and that the server has none.
        boolean isTls = cause instanceof VertxException || cause.getClass() == Exception.class;
        return isTls ? Reason.REFUSED : Reason.FAILED;
    }
}
