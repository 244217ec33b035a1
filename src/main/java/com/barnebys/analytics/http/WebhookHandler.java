package com.barnebys.analytics.http;

import com.barnebys.analytics.conversion.Webhook;
import com.barnebys.analytics.reference.AnsweredCalls;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.List;

/** {@code POST /w/collect}: conversion events of a partner's server. One for each event loop. */
final class WebhookHandler {
    static final long BODY_BYTES_MAX = 1024 * 1024;

    private static final CharSequence IDEMPOTENCY_KEY = HttpHeaders.createOptimized("idempotency-key");

    private final Visits visits;
    private final Webhook webhook;
    private final Clock clock;
    private final EdgeMetrics metrics;

    WebhookHandler(Visits visits, Webhook webhook, Clock clock, EdgeMetrics metrics) {
        this.visits = visits;
        this.webhook = webhook;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Before the body is read: who has no token is not given a megabyte of memory. */
    void admit(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (BearerToken.isShown(request, visits.options().apiToken())) {
            // It is JSON whatever it is called: curl and PHP call it a form, and BodyHandler would read it as one.
            request.headers().remove(HttpHeaders.CONTENT_TYPE);
            context.next();
            return;
        }
        metrics.webhookAnswered(401, 0, 0);
        LastAnswer.announce(request);
        Answers.unauthorized(request.response());
    }

    /** With the body read. */
    void take(RoutingContext context) {
        HttpServerResponse response = context.response();
        List<String> keys = context.request().headers().getAll(IDEMPOTENCY_KEY);
        String key = keys.isEmpty() ? null : keys.get(0).strip();
        if (keys.size() > 1 || (key != null && !isKey(key))) {
            answer(
                    response,
                    new Webhook.Answer(
                            400,
                            "Idempotency-Key: expected once, with 1 to " + AnsweredCalls.KEY_MAX + " ASCII characters",
                            0,
                            0));
            return;
        }
        byte[] body = context.body().buffer() == null
                ? new byte[0]
                : context.body().buffer().getBytes();
        Future<Webhook.Answer> unused =
                webhook.take(body, key, clock.millis()).onSuccess(answer -> answer(response, answer));
    }

    private static boolean isKey(String key) {
        return !key.isEmpty()
                && key.length() <= AnsweredCalls.KEY_MAX
                && key.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    private void answer(HttpServerResponse response, Webhook.Answer answer) {
        metrics.webhookAnswered(answer.status(), answer.hits(), answer.misses());
        if (response.closed()) {
            return;
        }
        if (answer.isTaken()) {
            Answers.json(response, 201, answer.text());
        } else if (answer.status() == 503) {
            Answers.notStored(response);
        } else {
            Answers.text(response, answer.status(), answer.text());
        }
    }

    /** What stopped the reading of the body. */
    void failed(RoutingContext context) {
        boolean isTooLarge = context.statusCode() == 413;
        metrics.webhookAnswered(isTooLarge ? 413 : 400, 0, 0);
        if (!context.response().headWritten() && !context.response().closed()) {
            LastAnswer.announce(context.request());
            Answers.text(
                    context.response(),
                    isTooLarge ? 413 : 400,
                    isTooLarge ? "At most " + BODY_BYTES_MAX + " bytes" : "The body could not be read");
            if (context.failure() != null) {
                // It is broken, and has no end to wait for.
                Future<Void> unused = context.request().connection().close();
            }
        }
    }
}
