package com.barnebys.analytics.http;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.conversion.Conversions;
import com.barnebys.analytics.conversion.EventRequest;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.Target;
import com.barnebys.analytics.http.Visits.Visit;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;

/**
 * Conversion events of browsers. A beacon is a POST without a body, marked by
 * the script, and nobody sees its answer; all else is as with GET.
 * One for each event loop.
 */
final class EventHandler {
    private final Visits visits;
    private final Conversions conversions;
    private final Clock clock;
    private final EdgeMetrics metrics;

    EventHandler(Visits visits, Conversions conversions, Clock clock, EdgeMetrics metrics) {
        this.visits = visits;
        this.conversions = conversions;
        this.clock = clock;
        this.metrics = metrics;
    }

    void take(HttpServerRequest request, Target target, long readNanos) {
        HttpServerResponse response = request.response();
        EventRequest event = EventRequest.read(target);
        if (!event.isComplete()) {
            refuse(response, Rejection.MISSING_EVENT_PARAMETER, readNanos);
            return;
        }
        Visit visit = visits.of(request);
        if (!visit.isAdmitted(event.programId())) {
            refuse(response, Rejection.TOO_MANY_REQUESTS, readNanos);
            return;
        }
        boolean isBeacon = request.method().equals(HttpMethod.POST);
        if (visit.skip() != null) {
            metrics.skipped(HitRoute.EVENT, visit.skip());
            taken(response, isBeacon);
            metrics.handled(HitRoute.EVENT, readNanos);
            return;
        }
        conversions.take(event, visit.storedAddress(), visit.storedUserAgent(), clock.millis(), receipt -> {
            metrics.answered(HitRoute.EVENT, false, receipt);
            if (!response.closed()) {
                if (receipt == Receipt.STORED) {
                    taken(response, isBeacon);
                } else {
                    Answers.notStored(response);
                }
            }
            metrics.handled(HitRoute.EVENT, readNanos);
        });
    }

    private void refuse(HttpServerResponse response, Rejection reason, long readNanos) {
        metrics.rejected(HitRoute.EVENT, reason);
        Answers.refused(response, reason);
        metrics.handled(HitRoute.EVENT, readNanos);
    }

    private static void taken(HttpServerResponse response, boolean isBeacon) {
        if (isBeacon) {
            Answers.nothing(response);
        } else {
            Answers.pixel(response, null);
        }
    }
}
