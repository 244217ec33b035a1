package com.barnebys.analytics.http;

import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.bus.Waiting;
import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.hit.HitVerifier;
import com.barnebys.analytics.hit.KindLimit;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.Target;
import com.barnebys.analytics.hit.TrackHit;
import com.barnebys.analytics.hit.UtmTag;
import com.barnebys.analytics.hit.Verdict;
import com.barnebys.analytics.session.LeadRule;
import com.barnebys.analytics.session.Session;
import com.barnebys.analytics.session.SessionCookie;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Track hits of both routes: verdict, session and lead, rows to the bus. One for each event loop.
 *
 * <p>Holds what it decides by as one snapshot of {@link EdgeOptions} and builds it anew when the supplier hands out
 * another: a reload costs the hot path one read and one comparison.
 */
final class TrackHandler {

    private final Supplier<EdgeOptions> current;
    private final KindLimit kinds;
    private final EventPublisher publisher;
    private final Clock clock;
    private final EdgeMetrics metrics;

    private EdgeOptions options;
    private HitVerifier verifier;
    private KeyMetrics keys;
    private SessionCookie cookie;
    private Peers peers;

    TrackHandler(
            Supplier<EdgeOptions> current,
            KindLimit kinds,
            EventPublisher publisher,
            Clock clock,
            EdgeMetrics metrics) {
        this.current = current;
        this.kinds = kinds;
        this.publisher = publisher;
        this.clock = clock;
        this.metrics = metrics;
        this.options = current.get();
        this.verifier = new HitVerifier(options.secrets(), kinds);
        this.keys = metrics.keys(options.secrets());
        this.cookie = new SessionCookie(options.secrets(), options.session());
        this.peers = new Peers(options.trustedProxies());
    }

    @SuppressWarnings("ReferenceEquality") // another snapshot is another object
    private void refresh() {
        EdgeOptions latest = current.get();
        if (latest != options) {
            options = latest;
            verifier = new HitVerifier(latest.secrets(), kinds);
            keys = metrics.keys(latest.secrets());
            cookie = new SessionCookie(latest.secrets(), latest.session());
            peers = new Peers(latest.trustedProxies());
        }
    }

    /**
     * {@code /r/collect}.
     *
     * @param readNanos when the request was read
     * @return false when it is a conversion event, of which nothing was done
     */
    boolean collect(HttpServerRequest request, Target target, long readNanos) {
        refresh();
        long now = clock.millis();
        Verdict verdict = verifier.collect(target, now / 1000);
        if (verdict == Rejection.CONVERSION_EVENT) {
            return false;
        }
        answer(request, verdict, HitRoute.COLLECT, now, readNanos);
        return true;
    }

    /** Whether a request to {@code /r/collect} is one, which is another handler's. */
    boolean isConversionEvent(Target target) {
        return verifier.isConversionEvent(target);
    }

    /** Every path that is no other route's. */
    void catchAll(HttpServerRequest request, Target target, long readNanos) {
        refresh();
        long now = clock.millis();
        answer(request, verifier.catchAll(target, now / 1000), HitRoute.CATCH_ALL, now, readNanos);
    }

    private void answer(HttpServerRequest request, Verdict verdict, HitRoute route, long nowMillis, long readNanos) {
        if (verdict instanceof TrackHit hit) {
            metrics.verified(hit);
            keys.verified(hit.keyPosition(), nowMillis / 1000);
            take(request, hit, route, nowMillis, readNanos);
        } else {
            refuse(request.response(), (Rejection) verdict, route);
            metrics.handled(route, readNanos);
        }
    }

    private void refuse(HttpServerResponse response, Rejection reason, HitRoute route) {
        metrics.rejected(route, reason);
        String siteUrl = options.siteUrl();
        if (reason.isIncomplete() && siteUrl != null) {
            Answers.redirect(response, siteUrl, null);
        } else {
            Answers.refused(response, reason);
        }
    }

    private void take(HttpServerRequest request, TrackHit hit, HitRoute route, long nowMillis, long readNanos) {
        MultiMap headers = request.headers();
        PrivacySignals signals = options.privacySignals();
        boolean isPrivate = signals.applyTo(headers);
        SkipReason skip = signals.skipped(headers, isPrivate);
        if (skip != null) {
            metrics.skipped(route, skip);
            TrackAnswer.skipped(request.response(), hit);
            metrics.handled(route, readNanos);
            return;
        }
        TrackEvent event = event(request, hit, isPrivate, nowMillis);
        TrackEvent lead = null;
        String setCookie = null;
        if (!isPrivate) {
            long nowSeconds = nowMillis / 1000;
            Session session = cookie.read(cookies(headers), hit.kind(), nowSeconds);
            switch (LeadRule.of(hit, session)) {
                case STARTS_SESSION -> {
                    Session started = new Session(hit.kind(), hit.programId(), nowSeconds);
                    setCookie = cookie.issue(started, peers.isHttps(request));
                    if (setCookie == null) {
                        // Too long to be kept. The one before has ended all the same, or it would lead in its place.
                        setCookie = cookie.clear(peers.isHttps(request));
                    }
                }
                case LEADS -> {
                    lead = event.leadOf(Objects.requireNonNull(session).programId());
                    setCookie = cookie.clear(peers.isHttps(request));
                }
                case NEITHER -> {}
            }
        }
        Waiting waiting = hit.isRedirect() ? Waiting.VISITOR : Waiting.MACHINE;
        publisher.publish(
                event, lead, waiting, new TrackAnswer(request.response(), hit, setCookie, route, readNanos, metrics));
    }

    /** All lines of the header as one: proxies that speak HTTP/2 to browsers may hand on several (RFC 9113, 8.2.3). */
    private static @Nullable String cookies(MultiMap headers) {
        if (headers.get(HttpHeaders.COOKIE) == null) {
            return null;
        }
        List<String> lines = headers.getAll(HttpHeaders.COOKIE);
        return lines.size() == 1 ? lines.get(0) : String.join("; ", lines);
    }

    private TrackEvent event(HttpServerRequest request, TrackHit hit, boolean isPrivate, long nowMillis) {
        String userAgent = request.headers().get(HttpHeaders.USER_AGENT);
        boolean isClick = hit.isClick();
        return new TrackEvent(
                hit.kind(),
                hit.programId(),
                false,
                hit.url(),
                isPrivate ? null : peers.maskedAddress(request),
                isPrivate ? null : userAgent == null ? "" : userAgent,
                hit.dimension1(),
                hit.dimension2(),
                hit.dimension3(),
                hit.dimension4(),
                hit.dimension5(),
                hit.isSponsored(),
                hit.dealType(),
                nowMillis,
                isClick && UtmTag.isIn(hit.url(), options.utmSource()),
                isClick ? new TrackEvent.Click(hit.source(), hit.hasFingerprint()) : null);
    }
}
