package com.barnebys.analytics.http;

import com.barnebys.analytics.conversion.RateLimit;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who asks, for the routes beside the track hits. One for each event loop. */
final class Visits {
    private final Supplier<EdgeOptions> current;
    private EdgeOptions options;
    private Peers peers;

    Visits(Supplier<EdgeOptions> current) {
        this.current = current;
        this.options = current.get();
        this.peers = new Peers(options.trustedProxies());
    }

    /**
     * One request.
     *
     * @param address masked; null when it is none of the Internet
     * @param isPrivate whether nothing of the visitor may be stored
     * @param skip why nothing at all is stored; null when it is
     */
    record Visit(
            @Nullable String address,
            @Nullable String userAgent,
            boolean isPrivate,
            @Nullable SkipReason skip,
            @Nullable RateLimit limit) {
        @Nullable String storedAddress() {
            return isPrivate ? null : address;
        }

        @Nullable String storedUserAgent() {
            return isPrivate ? null : userAgent;
        }

        /** Whether he may ask that often for that program. */
        boolean isAdmitted(String programId) {
            return limit == null || limit.admits(address, programId, System.nanoTime());
        }
    }

    /** What the edge decides by now. */
    @SuppressWarnings("ReferenceEquality") // another snapshot is another object
    EdgeOptions options() {
        EdgeOptions latest = current.get();
        if (latest != options) {
            options = latest;
            peers = new Peers(latest.trustedProxies());
        }
        return options;
    }

    Visit of(HttpServerRequest request) {
        EdgeOptions now = options();
        MultiMap headers = request.headers();
        boolean isPrivate = now.privacySignals().applyTo(headers);
        return new Visit(
                peers.maskedAddress(request),
                headers.get(HttpHeaders.USER_AGENT),
                isPrivate,
                now.privacySignals().skipped(headers, isPrivate),
                now.rateLimit());
    }
}
