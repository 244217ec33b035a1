package com.barnebys.analytics;

import com.barnebys.analytics.config.LiveSettings;
import com.barnebys.analytics.config.Mistake;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.config.SettingsLoader;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.http.EdgeOptions;
import com.barnebys.analytics.metrics.KeyMeters;
import com.barnebys.analytics.metrics.ReloadMeters;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the edge decides by, made anew of each settings that are taken and swapped as a whole. Any thread.
 *
 * <p>Each event loop notices with its next request, so for a moment one may still decide by the old ones. With keys that
 * is no harm as long as both rings hold both keys.
 */
final class LiveEdge implements Supplier<EdgeOptions> {
    private static final Logger LOG = LoggerFactory.getLogger(LiveEdge.class);

    private final KeyMeters keys;
    private final ReloadMeters reloads;
    private final LiveSettings live;
    private Settings settings;
    private volatile EdgeOptions edge;

    /** @throws IOException when there is no SECRET, and the one in DATA_DIR can be neither read nor made */
    LiveEdge(Settings start, KeyMeters keys) throws IOException {
        Clock clock = Clock.systemUTC();
        this.keys = keys;
        this.reloads = new ReloadMeters(clock.instant());
        this.settings = start;
        SecretRing ring = start.secrets();
        keys.enter(ring);
        this.edge = start.edge(ring);
        this.live = new LiveSettings(start, reloads, clock);
        live.onTaken(this::take);
    }

    @Override
    public EdgeOptions get() {
        return edge;
    }

    ReloadMeters reloads() {
        return reloads;
    }

    /** Looks at the files of the settings from now on. */
    void follow(Vertx vertx, Consumer<Settings> taken) {
        live.onTaken(taken);
        live.follow(vertx, new SettingsLoader(vertx));
    }

    /** Nothing changes any more when this returns. */
    void close() {
        live.close();
    }

    /** Swaps. One call at a time. */
    void take(Settings next) {
        EdgeOptions before = edge;
        // Where no SECRET is given none ever was, and the one made at start stays.
        SecretRing ring =
                SecretRing.of(next.secret().orElseGet(() -> before.secrets().current()), next.previousSecrets());
        if (!ring.secrets().contains(before.secrets().current())) {
            LOG.warn("SECRET has changed and SECRETS_PREVIOUS does not hold the one before:"
                    + " links signed with it are refused from now on.");
        }
        EdgeOptions after = next.edge(ring);
        if (next.rateLimit().equals(settings.rateLimit())) {
            after = after.with(before.rateLimit());
        }
        keys.enter(ring);
        settings = next;
        edge = after;
    }

    /** For the management port. */
    JsonObject details() {
        JsonArray mistakes = new JsonArray();
        live.mistakes().stream().map(Mistake::toString).forEach(mistakes::add);
        return new JsonObject()
                .put("lastTaken", reloads.lastTaken().toString())
                .put("refused", reloads.isRefused())
                .put("mistakes", mistakes)
                .put("needRestart", new JsonArray(live.waiting()))
                .put("reloads", new JsonObject().put("taken", reloads.taken()).put("refused", reloads.refusals()));
    }
}
