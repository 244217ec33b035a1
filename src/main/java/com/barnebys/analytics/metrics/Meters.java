package com.barnebys.analytics.metrics;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.delivery.ReplayMetrics;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.SignatureRule;
import com.barnebys.analytics.hit.TrackHit;
import com.barnebys.analytics.http.CloseReason;
import com.barnebys.analytics.http.EdgeMetrics;
import com.barnebys.analytics.http.HitRoute;
import com.barnebys.analytics.http.ReferenceAnswer;
import com.barnebys.analytics.http.SkipReason;
import com.barnebys.analytics.intake.IntakeMetrics;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Counts hits and connections at the edge, and rows at the intake. Any thread; nothing waits.
 *
 * <p>Every request to a track route is counted once: as rejected, skipped, or answered with a receipt.
 */
public final class Meters implements EdgeMetrics, IntakeMetrics, ReplayMetrics, MetricSource {
    /** Positions from here on share the last counter. */
    private static final int KEYS_MAX = 10;

    private static final List<Integer> WEBHOOK_STATUSES = List.of(201, 400, 401, 409, 413, 503);

    private final LongSupplier nanos;
    private final Counters<SignatureRule> verifiedByRule = Counters.of(SignatureRule.class);
    private final LongAdder[] verifiedByKey = adders(KEYS_MAX);
    private final Map<HitRoute, RouteMeters> routes = new EnumMap<>(HitRoute.class);
    private final Counters<ReferenceAnswer> references = Counters.of(ReferenceAnswer.class);
    /** By status. */
    private final Counters<Integer> webhookCalls = Counters.growing();

    private final LongAdder webhookHits = new LongAdder();
    private final LongAdder webhookMisses = new LongAdder();
    private final Counters<CloseReason> closed = Counters.of(CloseReason.class);
    private final Counters<Receipt> refusedRows = Counters.of(Receipt.class);
    private final Counters<String> acceptedByTable = Counters.growing();
    private final Counters<String> replayedByTable = Counters.growing();
    private final LongAdder accepted = new LongAdder();

    /** Nothing was counted yet. */
    public Meters() {
        this(System::nanoTime);
    }

    Meters(LongSupplier nanos) {
        this.nanos = nanos;
        for (HitRoute route : HitRoute.values()) {
            routes.put(route, new RouteMeters());
        }
    }

    private RouteMeters of(HitRoute route) {
        return Objects.requireNonNull(routes.get(route));
    }

    @Override
    public void verified(TrackHit hit) {
        verifiedByRule.add(hit.rule(), 1);
        verifiedByKey[Math.min(hit.keyPosition(), KEYS_MAX - 1)].increment();
    }

    @Override
    public void rejected(HitRoute route, Rejection reason) {
        of(route).rejected.add(reason, 1);
    }

    @Override
    public void skipped(HitRoute route, SkipReason reason) {
        of(route).skipped.add(reason, 1);
    }

    @Override
    public void answered(HitRoute route, boolean isRedirect, Receipt receipt) {
        RouteMeters meters = of(route);
        (isRedirect ? meters.redirects : meters.pixels).add(receipt, 1);
    }

    @Override
    public void handled(HitRoute route, long readNanos) {
        of(route).handling.add(nanos.getAsLong() - readNanos);
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

    private Map<String, Long> byKeyPosition() {
        Map<String, Long> counts = new TreeMap<>();
        for (int i = 0; i < KEYS_MAX; i++) {
            long count = verifiedByKey[i].sum();
            if (count > 0 || i == 0) {
                counts.put(Integer.toString(i), count);
            }
        }
        return counts;
    }

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        for (int i = 0; i < count; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    private Map<String, Long> signedRoutes(Function<RouteMeters, Map<String, Long>> read) {
        return sum(Stream.of(of(HitRoute.COLLECT), of(HitRoute.CATCH_ALL)).map(read));
    }

    private Map<String, Long> allRoutes(Function<RouteMeters, Map<String, Long>> read) {
        return sum(routes.values().stream().map(read));
    }

    private static Map<String, Long> sum(Stream<Map<String, Long>> counts) {
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach(some -> some.forEach((word, count) -> sums.merge(word, count, Long::sum)));
        return sums;
    }

    @Override
    public void addTo(Scrape scrape) {
        List<Scrape.Sample> hits = new ArrayList<>();
        Map<String, DurationHistogram> handling = new LinkedHashMap<>();
        for (HitRoute route : HitRoute.values()) {
            RouteMeters meters = of(route);
            handling.put(route.label(), meters.handling);
            Map<String, Long> receipts =
                    sum(Stream.of(meters.pixels, meters.redirects).map(counters -> counters.read(Receipt::reason)));
            receipts.forEach((reason, count) -> {
                boolean isStored = reason.equals(Receipt.STORED.reason());
                hits.add(hits(route, isStored ? reason : "lost", isStored ? "none" : reason, count));
            });
            meters.rejected
                    .read(Rejection::reason)
                    .forEach((reason, count) -> hits.add(hits(route, "refused", reason, count)));
            meters.skipped
                    .read(SkipReason::reason)
                    .forEach((reason, count) -> hits.add(hits(route, "skipped", reason, count)));
        }
        scrape.counter("hits", "Hits and conversion events, by what became of them.", hits);
        scrape.histogram(
                "hits_handling_seconds",
                "From a hit's request being read to its answer being written, the spool's write among it.",
                "route",
                handling);
        scrape.counter("signatures_verified", "Good signatures by rule.", "rule", verifiedByRule());
        scrape.counter("key_verified", "Good signatures by key; 0 is SECRET.", "position", byKeyPosition());
        scrape.counter(
                "connections_closed",
                "Connections ended for how they behaved.",
                "reason",
                closed.read(CloseReason::reason));
        scrape.counter("webhook_calls", "Calls of /w/collect.", "status", webhookCalls.read(WEBHOOK_STATUSES));
        scrape.counter(
                "webhook_entries",
                "Entries of these calls: those that made an event, and those that did not.",
                "outcome",
                webhookEntries());
        scrape.counter(
                "references_told", "References told by browsers.", "outcome", references.read(ReferenceAnswer::reason));
        scrape.counter("rows_refused", "Rows the spool did not take.", "reason", refusedRows.read(Receipt::reason));
        scrape.counterByTable(
                "events_replayed",
                "Dead letters put into the spool again.",
                replayedByTable.read(acceptedByTable().keySet()));
    }

    private static Scrape.Sample hits(HitRoute route, String outcome, String reason, long count) {
        return new Scrape.Sample(Labels.of("route", route.label(), "outcome", outcome, "reason", reason), count);
    }

    private Map<String, Long> verifiedByRule() {
        return verifiedByRule.read(rule -> rule.name().toLowerCase(Locale.ROOT));
    }

    private Map<String, Long> webhookEntries() {
        return Map.of("hit", webhookHits.sum(), "miss", webhookMisses.sum());
    }

    /** All counters by name, for the management port. */
    public Map<String, Map<String, Long>> read() {
        Map<String, Map<String, Long>> all = new LinkedHashMap<>();
        all.put("verifiedByRule", verifiedByRule());
        all.put("verifiedByKeyPosition", byKeyPosition());
        all.put("rejected", allRoutes(route -> route.rejected.read(Rejection::reason)));
        all.put("skipped", allRoutes(route -> route.skipped.read(SkipReason::reason)));
        all.put("pixels", signedRoutes(route -> route.pixels.read(Receipt::reason)));
        all.put("redirects", signedRoutes(route -> route.redirects.read(Receipt::reason)));
        all.put("events", of(HitRoute.EVENT).pixels.read(Receipt::reason));
        all.put("referencesTold", references.read(ReferenceAnswer::reason));
        all.put("webhookCalls", webhookCalls.read(String::valueOf));
        all.put("webhookEntries", webhookEntries());
        all.put("connectionsClosed", closed.read(CloseReason::reason));
        all.put("rowsRefused", refusedRows.read(Receipt::reason));
        all.put("replayed", replayedByTable.read(table -> table));
        return all;
    }
}
