package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.sink.ParkReason;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Puts dead letters into the spool again, through the server that has it, or without one. */
@FunctionalInterface
public interface DeadLetterReplay {
    /**
     * Does a part of it, and says in {@code isMore} whether to call again.
     *
     * @param kind only this kind's; null: all
     * @param reason only those parked for it; null: all
     * @param isDry only count
     * @return {@code replayed}, {@code before}, {@code waiting}, {@code unreadable}: rows; {@code rows}: replayed ones by
     *     {@code kind} and {@code reason}; {@code stopped}: why it ended early
     * @throws IOException neither is possible; the message says why
     */
    JsonObject run(Settings settings, @Nullable String kind, @Nullable ParkReason reason, boolean isDry)
            throws IOException, InterruptedException;
}
