package com.barnebys.analytics.reference;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Where references are kept. Any thread; nothing blocks, and futures complete on the caller's context. A question to
 * PostgreSQL ends within some seconds, one to the file when the disk answers; a failed one ends with a
 * {@link ReferenceStoreException}. What was answered survives the death of the process.
 */
public interface ReferenceStore {
    /** What the webhook may ask at once. */
    int FIND_ALL_MAX = 1_000;

    /**
     * Opens the store the options name. Blocks for the local disk, never for the network: PostgreSQL may be away.
     *
     * @throws IOException when the file cannot be opened
     */
    static ReferenceStore open(Vertx vertx, ReferenceOptions options) throws IOException {
        return options.postgres().isPresent()
                ? PostgresReferenceStore.open(vertx, options.postgres().get())
                : SqliteReferenceStore.open(vertx, options.file());
    }

    /**
     * Stores the reference unless one of its refs is there already for its visitor. Of equal calls at the same time one
     * creates.
     */
    Future<Creation> create(Reference reference);

    /** The first that was stored of those that match. */
    Future<Optional<Reference>> find(ReferenceFilter filter);

    /**
     * For each key the first stored reference that holds it; those without one are left out. One round trip.
     *
     * @param keys at most {@link #FIND_ALL_MAX}
     */
    Future<Map<ProgramRef, Reference>> findAll(Collection<ProgramRef> keys);

    /** The type of the first reference stored for the visitor; empty when he has none. */
    Future<Optional<Source>> firstType(Visitor visitor);

    /** Whether any reference of the visitor has the type {@link Source#BARNEBYS}. */
    Future<Boolean> isFromBarnebys(Visitor visitor);

    /**
     * Deletes references made before that time.
     *
     * @param max how many at most; a step takes as long as it has rows
     * @return how many; fewer than {@code max}: there are no more, or another replica is at them
     */
    Future<Integer> deleteOlderThan(Instant before, int max);

    /** Calls of the webhook, kept in the same place. */
    AnsweredCalls answeredCalls();

    /** Finishes what it is at and fails what comes later. May be called twice. */
    Future<Void> close();
}
