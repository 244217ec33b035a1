package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.ParkReason;
import org.jspecify.annotations.Nullable;

/** Which dead letters are meant; null: all. */
public record ReplayFilter(@Nullable String kind, @Nullable ParkReason reason) {
    public static final ReplayFilter ALL = new ReplayFilter(null, null);

    boolean fits(DeadLetter letter) {
        return (kind == null || kind.equals(letter.kind()))
                && (reason == null || reason.name().equals(letter.reason()));
    }
}
