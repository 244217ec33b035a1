package com.barnebys.analytics.http;

import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.hit.HitVerifier;
import com.barnebys.analytics.hit.KindLimit;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.Target;
import com.barnebys.analytics.hit.TrackHit;
import com.barnebys.analytics.hit.UtmTag;
import com.barnebys.analytics.hit.Verdict;
import com.barnebys.analytics.http.Peers.Peer;
import com.barnebys.analytics.session.LeadRule;
import com.barnebys.analytics.session.Session;
import com.barnebys.analytics.session.SessionCookie;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
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
    private static final CharSequence SEC_GPC = HttpHeaders.createOptimized("sec-gpc");
    private static final CharSequence DNT = HttpHeaders.createOptimized("dnt");
    private static final CharSequence SEC_PURPOSE = HttpHeaders.createOptimized("sec-purpose");
    private static final CharSequence PURPOSE = HttpHeaders.createOptimized("purpose");
    private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
    private static final CharSequence FORWARDED_PROTO = HttpHeaders.createOptimized("x-forwarded-proto");

    private final Supplier<EdgeOptions> current;
    private final KindLimit kinds;
    private final EventPublisher publisher;
    private final Clock clock;
    private final EdgeMetrics metrics;

    private EdgeOptions options;
    private HitVerifier verifier;
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
        this.cookie = new SessionCookie(options.secrets(), options.session());
        this.peers = new Peers(options.trustedProxies());
    }

    @SuppressWarnings("ReferenceEquality") // another snapshot is another object
    private void refresh() {
        EdgeOptions latest = current.get();
        if (latest != options) {
            options = latest;
            verifier = new HitVerifier(latest.secrets(), kinds);
            cookie = new SessionCookie(latest.secrets(), latest.session());
            peers = new Peers(latest.trustedProxies());
        }
    }

    /** {@code /r/collect}. */
    void collect(HttpServerRequest request, Target target) {
        refresh();
        long now = clock.millis();
        answer(request, verifier.collect(target, now / 1000), now);
    }

    /** Every path that is no other route's. */
    void catchAll(HttpServerRequest request, Target target) {
        refresh();
        long now = clock.millis();
        answer(request, verifier.catchAll(target, now / 1000), now);
    }

    private void answer(HttpServerRequest request, Verdict verdict, long nowMillis) {
        if (verdict instanceof TrackHit hit) {
            metrics.verified(hit);
            take(request, hit, nowMillis);
        } else {
            refuse(request.response(), (Rejection) verdict);
        }
    }

    private void refuse(HttpServerResponse response, Rejection reason) {
        metrics.rejected(reason);
        String siteUrl = options.siteUrl();
        if (reason.isIncomplete() && siteUrl != null) {
            Answers.redirect(response, siteUrl, null);
        } else {
            Answers.refused(response, reason);
        }
    }

    private void take(HttpServerRequest request, TrackHit hit, long nowMillis) {
        MultiMap headers = request.headers();
        boolean isPrivate = options.privacySignals() != PrivacySignals.IGNORE && asksForPrivacy(headers);
        SkipReason skip = isPrefetch(headers)
                ? SkipReason.PREFETCH
                : isPrivate && options.privacySignals() == PrivacySignals.DROP ? SkipReason.PRIVACY : null;
        if (skip != null) {
            metrics.skipped(skip);
            TrackAnswer.skipped(request.response(), hit);
            return;
        }
        TrackEvent event = event(request, hit, isPrivate, nowMillis);
        TrackEvent lead = null;
        String setCookie = null;
        if (!isPrivate) {
            long nowSeconds = nowMillis / 1000;
            Session session = cookie.read(headers.get(HttpHeaders.COOKIE), hit.kind(), nowSeconds);
            switch (LeadRule.of(hit, session)) {
                case STARTS_SESSION -> {
                    Session started = new Session(hit.kind(), hit.programId(), nowSeconds);
                    setCookie = cookie.issue(started, isHttps(request));
                }
                case LEADS -> {
                    lead = event.leadOf(Objects.requireNonNull(session).programId());
                    setCookie = cookie.clear(isHttps(request));
                }
                case NEITHER -> {}
            }
        }
        publisher.publish(event, lead, new TrackAnswer(request.response(), hit, setCookie, metrics));
    }

    private TrackEvent event(HttpServerRequest request, TrackHit hit, boolean isPrivate, long nowMillis) {
        String userAgent = request.headers().get(HttpHeaders.USER_AGENT);
        boolean isClick = hit.isClick();
        return new TrackEvent(
                hit.kind(),
                hit.programId(),
                false,
                hit.url(),
                isPrivate ? null : maskedAddress(request),
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

    private @Nullable String maskedAddress(HttpServerRequest request) {
        Peer peer = peers.of(request.connection().remoteAddress());
        String forwarded = peer.isTrusted()
                ? ClientAddress.forwardedFor(request.headers().getAll(FORWARDED_FOR), options.trustedProxies())
                : null;
        return forwarded == null ? peer.masked() : ClientAddress.mask(forwarded);
    }

    /** BA speaks plain HTTP; https is what a trusted proxy says the visitor used (the first of a list). */
    private boolean isHttps(HttpServerRequest request) {
        String proto = request.headers().get(FORWARDED_PROTO);
        return proto != null
                && proto.regionMatches(true, 0, "https", 0, 5)
                && peers.of(request.connection().remoteAddress()).isTrusted();
    }

    private static boolean asksForPrivacy(MultiMap headers) {
        return "1".equals(headers.get(SEC_GPC)) || "1".equals(headers.get(DNT));
    }

    private static boolean isPrefetch(MultiMap headers) {
        return startsWithPrefetch(headers.get(SEC_PURPOSE)) || startsWithPrefetch(headers.get(PURPOSE));
    }

    private static boolean startsWithPrefetch(@Nullable String purpose) {
        return purpose != null && purpose.regionMatches(true, 0, "prefetch", 0, 8);
    }
}
