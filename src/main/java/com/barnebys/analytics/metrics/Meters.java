package com.barnebys.analytics.metrics;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.delivery.ReplayMetrics;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.hit.SignatureRule;
import com.barnebys.analytics.hit.TrackHit;
import com.barnebys.analytics.http.CloseReason;
import com.barnebys.analytics.http.EdgeMetrics;
import com.barnebys.analytics.http.KeyMetrics;
import com.barnebys.analytics.http.ReferenceAnswer;
import com.barnebys.analytics.http.SkipReason;
import com.barnebys.analytics.intake.IntakeMetrics;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts hits and connections at the edge, and rows at the intake. Any thread; nothing waits.
 *
 * <p>Every request to a track route is counted once: as rejected, skipped, or answered with a receipt.
 */
public final class Meters implements EdgeMetrics, IntakeMetrics, ReplayMetrics {
    private final Counters<SignatureRule> verifiedByRule = Counters.of(SignatureRule.class);
    private final KeyMeters keys = new KeyMeters();
    private final Counters<Rejection> rejected = Counters.of(Rejection.class);
    private final Counters<SkipReason> skipped = Counters.of(SkipReason.class);
    private final Counters<Receipt> pixels = Counters.of(Receipt.class);
    private final Counters<Receipt> redirects = Counters.of(Receipt.class);
    private final Counters<Receipt> events = Counters.of(Receipt.class);
    private final Counters<ReferenceAnswer> references = Counters.of(ReferenceAnswer.class);
    /** By status: 201, 400, 401, 409, 413, 503. */
    private final Counters<Integer> webhookCalls = Counters.growing();

    private final LongAdder webhookHits = new LongAdder();
    private final LongAdder webhookMisses = new LongAdder();
    private final Counters<CloseReason> closed = Counters.of(CloseReason.class);
    private final Counters<Receipt> refusedRows = Counters.of(Receipt.class);
    private final Counters<String> acceptedByTable = Counters.growing();
    private final Counters<String> replayedByTable = Counters.growing();
    private final LongAdder accepted = new LongAdder();

    @Override
    public KeyMetrics keys(SecretRing ring) {
        return keys.of(ring);
    }

    /** The signature keys. */
    public KeyMeters keys() {
        return keys;
    }

    @Override
    public void verified(TrackHit hit) {
        verifiedByRule.add(hit.rule(), 1);
    }

    @Override
    public void rejected(Rejection reason) {
        rejected.add(reason, 1);
    }

    @Override
    public void skipped(SkipReason reason) {
        skipped.add(reason, 1);
    }

    @Override
    public void answered(boolean isRedirect, Receipt receipt) {
        (isRedirect ? redirects : pixels).add(receipt, 1);
    }

    @Override
    public void eventAnswered(Receipt receipt) {
        events.add(receipt, 1);
    }

    @Override
    public void referenceAnswered(ReferenceAnswer answer) {
        references.add(answer, 1);
    }

    @Override
    public void webhookAnswered(int status, int hits, int misses) {
        webhookCalls.add(status, 1);
        webhookHits.add(hits);
        webhookMisses.add(misses);
    }

    @Override
    public void closed(CloseReason reason) {
        closed.add(reason, 1);
    }

    @Override
    public void accepted(String table, int rows) {
        acceptedByTable.add(table, rows);
        accepted.add(rows);
    }

    @Override
    public void replayed(String table, int rows) {
        replayedByTable.add(table, rows);
        accepted(table, rows);
    }

    @Override
    public void refused(Receipt receipt, int rows) {
        refusedRows.add(receipt, rows);
    }

    /** Rows put into the spool by this process. */
    long acceptedRows() {
        return accepted.sum();
    }

    Map<String, Long> acceptedByTable() {
        return acceptedByTable.read(table -> table);
    }

    /** All counters by name, for the management port. */
    public Map<String, Map<String, Long>> read() {
        Map<String, Map<String, Long>> all = new LinkedHashMap<>();
        all.put("verifiedByRule", verifiedByRule.read(rule -> rule.name().toLowerCase(Locale.ROOT)));
        all.put("verifiedByKeyPosition", keys.byPosition(KeyMeters.KeyUse::verified));
        all.put("lastUsedByKeyPosition", keys.byPosition(KeyMeters.KeyUse::lastUsedSeconds));
        all.put("rejected", rejected.read(Rejection::reason));
        all.put("skipped", skipped.read(SkipReason::reason));
        all.put("pixels", pixels.read(Receipt::reason));
        all.put("redirects", redirects.read(Receipt::reason));
        all.put("events", events.read(Receipt::reason));
        all.put("referencesTold", references.read(ReferenceAnswer::reason));
        all.put("webhookCalls", webhookCalls.read(String::valueOf));
        all.put("webhookEntries", Map.of("hit", webhookHits.sum(), "miss", webhookMisses.sum()));
        all.put("connectionsClosed", closed.read(CloseReason::reason));
        all.put("rowsRefused", refusedRows.read(Receipt::reason));
        all.put("replayed", replayedByTable.read(table -> table));
        return all;
    }
}
