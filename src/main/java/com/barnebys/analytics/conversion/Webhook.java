package com.barnebys.analytics.conversion;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.conversion.WebhookReader.RefusedException;
import com.barnebys.analytics.event.ConversionEvent;
import com.barnebys.analytics.reference.AnsweredCalls;
import com.barnebys.analytics.reference.AnsweredCalls.Claim;
import com.barnebys.analytics.reference.ProgramRef;
import com.barnebys.analytics.reference.Reference;
import com.barnebys.analytics.reference.ReferenceStore;
import com.barnebys.analytics.reference.Source;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes conversion events from a partner's server. One for each event loop.
 *
 * <p>The events of a call are stored all together or not at all, and before the call is answered. A call with an
 * idempotency key is claimed first and its answer kept afterwards: while it is kept, the same key gets the same answer. A
 * process that dies between storing and keeping leaves a claim, and a receipt that comes too late gives it back; who calls
 * again then has his events stored once more, under the same ids.
 */
public final class Webhook {
    private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
    private static final String NOT_FOUND = "Reference not found";

    private final EventPublisher publisher;
    private final ReferenceStore references;

    /**
     * What to answer.
     *
     * @param text JSON when the status is 201, else plain text
     * @param hits entries that made an event
     * @param misses entries that made none
     */
    public record Answer(int status, String text, int hits, int misses) {
        static Answer refused(int status, String text) {
            return new Answer(status, text, 0, 0);
        }

        static Answer notStored() {
            return refused(503, "Not stored, try again");
        }

        public boolean isTaken() {
            return status == 201;
        }
    }

    public Webhook(EventPublisher publisher, ReferenceStore references) {
        this.publisher = publisher;
        this.references = references;
    }

    /**
     * Takes the body of one call.
     *
     * @param idempotencyKey 1 to {@value AnsweredCalls#KEY_MAX} characters; null when the caller has none
     * @return never fails
     */
    public Future<Answer> take(byte[] body, @Nullable String idempotencyKey, long nowMillis) {
        List<WebhookEntry> entries;
        try {
            entries = WebhookReader.read(body);
        } catch (RefusedException e) {
            return Future.succeededFuture(Answer.refused(e.status(), String.valueOf(e.getMessage())));
        }
        Future<Answer> answer =
                idempotencyKey == null ? store(entries, null, nowMillis) : once(entries, idempotencyKey, nowMillis);
        return answer.otherwise(failure -> {
            LOG.warn("A call of the webhook could not be taken. message={}", failure.getMessage());
            return Answer.notStored();
        });
    }

    private Future<Answer> once(List<WebhookEntry> entries, String key, long nowMillis) {
        AnsweredCalls calls = references.answeredCalls();
        return calls.claim(key, Instant.ofEpochMilli(nowMillis)).compose(claim -> {
            if (claim instanceof Claim.Answered answered) {
                return Future.succeededFuture(new Answer(201, answered.answer(), 0, 0));
            }
            if (claim instanceof Claim.UnderWay) {
                return Future.succeededFuture(Answer.refused(409, "A call with this Idempotency-Key is under way"));
            }
            return store(entries, key, nowMillis)
                    .transform(result -> result.succeeded() && result.result().isTaken()
                            ? kept(calls, key, result.result())
                            : calls.release(key)
                                    .transform(released -> result.succeeded()
                                            ? Future.succeededFuture(result.result())
                                            : Future.failedFuture(result.cause())));
        });
    }

    /** The events are stored, so it is the answer whether it can be kept or not. */
    private static Future<Answer> kept(AnsweredCalls calls, String key, Answer answer) {
        return calls.keep(key, answer.text()).map(answer).otherwise(failure -> {
            LOG.warn("The answer to a call of the webhook could not be kept. message={}", failure.getMessage());
            return answer;
        });
    }

    private Future<Answer> store(List<WebhookEntry> entries, @Nullable String key, long nowMillis) {
        Set<ProgramRef> keys = new LinkedHashSet<>();
        for (WebhookEntry entry : entries) {
            ProgramRef wanted = entry.key();
            if (wanted != null) {
                keys.add(wanted);
            }
        }
        Future<Map<ProgramRef, Reference>> found =
                keys.isEmpty() ? Future.succeededFuture(Map.of()) : references.findAll(keys);
        return found.compose(byKey -> publish(entries, byKey, key, nowMillis));
    }

    private Future<Answer> publish(
            List<WebhookEntry> entries, Map<ProgramRef, Reference> found, @Nullable String key, long nowMillis) {
        List<ConversionEvent> events = new ArrayList<>();
        JsonArray data = new JsonArray();
        for (int i = 0; i < entries.size(); i++) {
            WebhookEntry entry = entries.get(i);
            ProgramRef wanted = entry.key();
            Reference reference = wanted == null ? null : found.get(wanted);
            if (reference == null) {
                data.add(miss(entry));
            } else {
                events.add(event(entry, reference, key == null ? null : eventId(key, i), nowMillis));
                data.add(hit(entry, reference.type()));
            }
        }
        String json = new JsonObject().put("status", "ok").put("data", data).encode();
        Answer taken = new Answer(201, json, events.size(), entries.size() - events.size());
        if (events.isEmpty()) {
            return Future.succeededFuture(taken);
        }
        Promise<Answer> answer = Promise.promise();
        publisher.publish(events, receipt -> answer.complete(receipt == Receipt.STORED ? taken : Answer.notStored()));
        return answer.future();
    }

    private static ConversionEvent event(
            WebhookEntry entry, Reference reference, @Nullable String eventId, long nowMillis) {
        return new ConversionEvent(
                reference.programId(),
                "",
                reference.clientIP(),
                reference.userAgent(),
                entry.category(),
                entry.action(),
                entry.label(),
                entry.value(),
                entry.currency(),
                reference.type().word(),
                reference.fingerprint(),
                nowMillis,
                eventId);
    }

    private static JsonObject hit(WebhookEntry entry, Source source) {
        return new JsonObject()
                .put("status", "hit")
                .put("programId", entry.programId())
                .put("ref", entry.ref())
                .put("source", source.word())
                .put("error", "");
    }

    private static JsonObject miss(WebhookEntry entry) {
        JsonObject miss = new JsonObject().put("status", "miss");
        if (entry.ref() != null) {
            miss.put("ref", entry.ref());
        }
        String error = entry.error();
        return miss.put("source", Source.OTHER.word()).put("error", error == null ? NOT_FOUND : error);
    }

    /** Of an entry that is sent again under the same key the same: a UUID of version 8 (RFC 9562, 5.8), from its hash. */
    static String eventId(String key, int entry) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            ByteBuffer hash = ByteBuffer.wrap(sha256.digest((entry + ":" + key).getBytes(UTF_8)));
            long high = (hash.getLong() & ~0xF000L) | 0x8000L;
            long low = (hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
            return new UUID(high, low).toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
