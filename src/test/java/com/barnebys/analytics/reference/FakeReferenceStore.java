package com.barnebys.analytics.reference;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers when it is told to. */
final class FakeReferenceStore implements ReferenceStore {
    final List<Promise<Optional<Source>>> asked = new CopyOnWriteArrayList<>();
    final List<Integer> deletions = new ArrayList<>();
    final List<Integer> forgotten = new ArrayList<>();
    final Promise<Instant> forgottenBefore = Promise.promise();
    Future<Creation> creation = Future.succeededFuture(Creation.CREATED);

    void answer(int index, Source source) {
        asked.get(index).complete(Optional.ofNullable(source));
    }

    @Override
    public Future<Creation> create(Reference reference) {
        return creation;
    }

    @Override
    public Future<Optional<Reference>> find(ReferenceFilter filter) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Map<ProgramRef, Reference>> findAll(Collection<ProgramRef> keys) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Optional<Source>> firstType(Visitor visitor) {
        Promise<Optional<Source>> promise = Promise.promise();
        asked.add(promise);
        return promise.future();
    }

    @Override
    public Future<Boolean> isFromBarnebys(Visitor visitor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Integer> deleteOlderThan(Instant before, int max) {
        return deletions.isEmpty() ? Future.failedFuture("away") : Future.succeededFuture(deletions.remove(0));
    }

    @Override
    public AnsweredCalls answeredCalls() {
        return new AnsweredCalls() {
            @Override
            public Future<Claim> claim(String key, Instant now) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Future<Void> keep(String key, String answer) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Future<Void> release(String key) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Future<Integer> forgetOlderThan(Instant before, int max) {
                Future<Integer> answer =
                        forgotten.isEmpty() ? Future.failedFuture("away") : Future.succeededFuture(forgotten.remove(0));
                boolean unused = forgottenBefore.tryComplete(before);
                return answer;
            }
        };
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
