package com.barnebys.analytics.http;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.hit.RedirectUrl;
import com.barnebys.analytics.hit.TrackHit;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a verified hit gets once it is known whether its rows are in the spool. A redirect goes out whatever happened to
 * them: a visitor is never stranded. A pixel that was not stored says so. The session changes only with the rows.
 */
final class TrackAnswer implements Consumer<Receipt> {
    private final HttpServerResponse response;
    private final TrackHit hit;
    private final @Nullable String setCookie;
    private final HitRoute route;
    private final long readNanos;
    private final EdgeMetrics metrics;

    TrackAnswer(
            HttpServerResponse response,
            TrackHit hit,
            @Nullable String setCookie,
            HitRoute route,
            long readNanos,
            EdgeMetrics metrics) {
        this.response = response;
        this.hit = hit;
        this.setCookie = setCookie;
        this.route = route;
        this.readNanos = readNanos;
        this.metrics = metrics;
    }

    @Override
    public void accept(Receipt receipt) {
        metrics.answered(route, hit.isRedirect(), receipt);
        if (!response.closed()) {
            send(response, hit, receipt == Receipt.STORED, receipt == Receipt.STORED ? setCookie : null);
        }
        metrics.handled(route, readNanos);
    }

    /** Answers without having stored anything, on purpose. */
    static void skipped(HttpServerResponse response, TrackHit hit) {
        send(response, hit, true, null);
    }

    private static void send(HttpServerResponse response, TrackHit hit, boolean isDone, @Nullable String setCookie) {
        if (hit.isRedirect()) {
            Answers.redirect(response, RedirectUrl.location(hit.url()), setCookie);
        } else if (isDone) {
            Answers.pixel(response, setCookie);
        } else {
            Answers.notStored(response);
        }
    }
}
