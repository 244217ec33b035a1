package com.barnebys.analytics.health;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.io.IOException;

/** Puts dead letters into the spool again. */
@FunctionalInterface
public interface ReplayAction {
    /**
     * May block.
     *
     * @return counts
     * @throws IllegalArgumentException a parameter is missing or wrong, which the message says
     */
    JsonObject run(MultiMap parameters) throws IOException;
}
