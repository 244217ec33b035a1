package com.barnebys.analytics.metrics;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** One counter for each value of a label. Any thread. Labels come from closed sets or are capped where they arise. */
final class Counters<L> {
    private final Map<L, LongAdder> adders;

    private Counters(Map<L, LongAdder> adders) {
        this.adders = adders;
    }

    /** All values of an enum, each counted from 0: a reason that never happened is shown as such. */
    static <E extends Enum<E>> Counters<E> of(Class<E> reasons) {
        Map<E, LongAdder> adders = new EnumMap<>(reasons);
        for (E reason : reasons.getEnumConstants()) {
            adders.put(reason, new LongAdder());
        }
        return new Counters<>(adders);
    }

    /** Values as they come. */
    static <L> Counters<L> growing() {
        return new Counters<>(new ConcurrentHashMap<>());
    }

    void add(L label, long count) {
        LongAdder adder = adders.get(label);
        if (adder == null) {
            adder = adders.computeIfAbsent(label, l -> new LongAdder());
        }
        adder.add(count);
    }

    long get(L label) {
        LongAdder adder = adders.get(label);
        return adder == null ? 0 : adder.sum();
    }

    long total() {
        return adders.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** By label, and 0 for those among these that were never counted. Sorted. */
    Map<String, Long> read(Collection<? extends L> known) {
        Map<String, Long> counts = read(String::valueOf);
        known.forEach(label -> counts.putIfAbsent(String.valueOf(label), 0L));
        return counts;
    }

    /** By the label's word, sorted. */
    Map<String, Long> read(Function<L, String> word) {
        Map<String, Long> counts = new TreeMap<>();
        adders.forEach((label, adder) -> counts.put(word.apply(label), adder.sum()));
        return counts;
    }
}
