package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static com.barnebys.analytics.reference.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What both stores do alike. */
abstract class ReferenceStoreContract {
    /** What the scripts of former versions, in the resources, hold. */
    static final Reference STORED_BEFORE = new Reference(
            "p",
            "f",
            List.of("u", "s"),
            Source.BARNEBYS,
            "1.2.3.0",
            "agent",
            Instant.parse("2026-11-23T18:01:08.243Z"));

    private static final Instant NOW = Instant.parse("2026-11-23T18:01:08.243Z");

    Vertx vertx;
    ReferenceStore store;

    /** An empty store that answers. */
    abstract ReferenceStore openStore() throws Exception;

    @BeforeEach
    void open() throws Exception {
        vertx = Vertx.vertx();
        store = openStore();
    }

    @AfterEach
    void close() throws Exception {
        Void closed = await(store.close());
        Void ended = await(vertx.close());
    }

    @Test
    void aReferenceComesBackAsItWasStored() throws Exception {
        Reference reference = new Reference("p", "f", List.of("u1", "s1"), Source.BARNEBYS, "1.2.3.0", "agent", NOW);
        Reference anonymous = new Reference("p", "g", List.of("u2"), Source.OTHER, null, null, NOW);

        assertThat(await(store.create(reference))).isEqualTo(Creation.CREATED);
        assertThat(await(store.create(anonymous))).isEqualTo(Creation.CREATED);

        assertThat(await(store.find(byRefs("u1")))).contains(reference);
        assertThat(await(store.find(byRefs("s1")))).contains(reference);
        assertThat(await(store.find(byRefs("u2")))).contains(anonymous);
    }

    @Test
    void textsComeBackWhateverIsInThem() throws Exception {
        List<String> refs = List.of("'; --", "{\"a\":[]}", "a\\b", "NULL", "\uD83D\uDE00é", "%", "\"", " ", "{a,b}");
        Reference reference = new Reference("p'", "f\u0000\uD800", refs, Source.OTHER, null, "'\u0000", NOW);

        assertThat(await(store.create(reference))).isEqualTo(Creation.CREATED);

        for (String ref : refs) {
            assertThat(await(store.find(byRefs(ref)))).contains(reference);
        }
        assertThat(reference.fingerprint()).isEqualTo("f\uFFFD");
        assertThat(reference.userAgent()).isEqualTo("'");
    }

    @Test
    void theLargestReferenceIsStored() throws Exception {
        List<String> refs = new ArrayList<>();
        for (int i = 0; i < Limits.REFS_MAX; i++) {
            refs.add("\uFFFD".repeat(Limits.REF_MAX - 2) + (char) ('a' + i / 26) + (char) ('a' + i % 26));
        }
        String programId = "\uFFFD".repeat(Limits.PROGRAM_MAX);
        String fingerprint = "\uFFFD".repeat(Limits.FINGERPRINT_MAX);
        Reference reference =
                new Reference(programId, fingerprint, refs, Source.OTHER, null, "\uFFFD".repeat(1_024), NOW);

        assertThat(await(store.create(reference))).isEqualTo(Creation.CREATED);
        assertThat(await(store.find(new ReferenceFilter(refs, fingerprint, programId))))
                .contains(reference);
    }

    @Test
    void oneKnownRefOfTheVisitorIsEnoughToBeAlreadyCreated() throws Exception {
        assertThat(create("p1", "f1", "u1", "s1")).isEqualTo(Creation.CREATED);

        assertThat(create("p1", "f1", "u1")).isEqualTo(Creation.ALREADY_CREATED);
        assertThat(create("p1", "f1", "zz", "s1")).isEqualTo(Creation.ALREADY_CREATED);
        assertThat(await(store.find(byRefs("zz")))).isEmpty();
        assertThat(create("p1", "f1", "new")).isEqualTo(Creation.CREATED);
        assertThat(create("p2", "f1", "u1")).isEqualTo(Creation.CREATED);
        assertThat(create("p1", "f2", "u1")).isEqualTo(Creation.CREATED);
    }

    @Test
    void ofEqualCallsAtTheSameTimeOneCreates() throws Exception {
        for (int round = 0; round < 20; round++) {
            List<Future<Creation>> calls = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                List<String> refs = new ArrayList<>(List.of("a" + round, "b" + round, "c" + round));
                Collections.rotate(refs, i);
                calls.add(store.create(new Reference("p", "f", refs, Source.OTHER, null, null, NOW)));
            }

            List<Creation> creations = new ArrayList<>();
            for (Future<Creation> call : calls) {
                creations.add(await(call));
            }

            assertThat(creations).hasSize(12).containsOnlyOnce(Creation.CREATED);
        }
    }

    @Test
    void whatIsLookedForMustHoldAllThatIsSaid() throws Exception {
        Reference reference = new Reference("p", "f", List.of("u", "s"), Source.OTHER, null, null, NOW);
        Creation created = await(store.create(reference));

        assertThat(created).isEqualTo(Creation.CREATED);
        assertThat(find(List.of(), "f", null)).contains(reference);
        assertThat(find(List.of(), "f", "p")).contains(reference);
        assertThat(find(List.of(), "f", "other")).isEmpty();
        assertThat(find(List.of(), "none", null)).isEmpty();
        assertThat(find(List.of("s"), "f", "p")).contains(reference);
        assertThat(find(List.of("s"), "f", null)).contains(reference);
        assertThat(find(List.of("nope", "u"), null, "p")).contains(reference);
        assertThat(find(List.of("nope"), null, "p")).isEmpty();
        assertThat(find(List.of("nope"), "f", null)).isEmpty();
        assertThat(find(List.of("u"), null, "other")).isEmpty();
        assertThat(find(List.of("u"), "none", null)).isEmpty();
    }

    @Test
    void theFirstStoredAnswers() throws Exception {
        Reference first = new Reference("p", "f1", List.of("u"), Source.OTHER, "1.1.1.0", null, NOW);
        Reference second = new Reference("p", "f2", List.of("u", "v"), Source.OTHER, "2.2.2.0", null, NOW);
        Reference third = new Reference("a", "f1", List.of("v"), Source.OTHER, "3.3.3.0", null, NOW.minusSeconds(9));
        for (Reference each : List.of(first, second, third)) {
            assertThat(await(store.create(each))).isEqualTo(Creation.CREATED);
        }

        assertThat(find(List.of("u"), null, null)).contains(first);
        assertThat(find(List.of("u"), null, "p")).contains(first);
        assertThat(find(List.of("v"), null, null)).contains(second);
        assertThat(find(List.of("v", "u"), null, null)).contains(first);
        assertThat(find(List.of(), "f1", null)).contains(first);
        assertThat(await(store.findAll(List.of(new ProgramRef("p", "u"))))).containsValue(first);
    }

    @Test
    void theFirstStoredAnswersWhateverItsProgramIs() throws Exception {
        for (int i = 0; i < 30; i++) {
            for (String ref : List.of("shared", "own" + i)) {
                // Neither the first nor the last of the programs by name.
                assertThat(create("p" + (i + 15) % 30, ref + i % 3, ref)).isEqualTo(Creation.CREATED);
            }
        }

        assertThat(find(List.of("shared"), null, null).map(Reference::programId))
                .contains("p15");
        assertThat(find(List.of("shared", "own7"), null, null).map(Reference::programId))
                .contains("p15");
        assertThat(find(List.of("own9", "none", "own7"), null, null).map(Reference::programId))
                .contains("p22");
        assertThat(find(List.of("own9", "none", "own7"), null, "p24").map(Reference::programId))
                .contains("p24");
        assertThat(find(List.of("own9", "own7"), null, "p1")).isEmpty();
    }

    @Test
    void theTypeIsThatOfTheFirstAndAnyMayBeBarnebys() throws Exception {
        Visitor visitor = new Visitor("p", "f");
        assertThat(await(store.firstType(visitor))).isEmpty();
        assertThat(await(store.isFromBarnebys(visitor))).isFalse();

        create(Source.OTHER, "p", "f", "u1");
        create(Source.BARNEBYS, "q", "f", "u1");
        assertThat(await(store.firstType(visitor))).contains(Source.OTHER);
        assertThat(await(store.isFromBarnebys(visitor))).isFalse();

        create(Source.BARNEBYS, "p", "f", "u2");
        assertThat(await(store.firstType(visitor))).contains(Source.OTHER);
        assertThat(await(store.isFromBarnebys(visitor))).isTrue();
        assertThat(await(store.firstType(new Visitor("q", "f")))).contains(Source.BARNEBYS);
    }

    @Test
    void aThousandRefsAreFoundAtOnce() throws Exception {
        List<ProgramRef> keys = new ArrayList<>();
        List<Future<Creation>> calls = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            keys.add(new ProgramRef("p" + i % 7, "u" + i));
            if (i % 10 == 0) {
                calls.add(store.create(
                        new Reference("p" + i % 7, "f" + i, List.of("u" + i, "v" + i), Source.OTHER, null, null, NOW)));
            }
            if (calls.size() >= 50) {
                assertThat(await(Future.all(calls)).succeeded()).isTrue();
                calls.clear();
            }
        }
        assertThat(await(Future.all(calls)).succeeded()).isTrue();

        Map<ProgramRef, Reference> found = await(store.findAll(keys));

        assertThat(found).hasSize(100);
        assertThat(found.get(new ProgramRef("p3", "u10")).fingerprint()).isEqualTo("f10");
        assertThat(await(store.findAll(List.of()))).isEmpty();
        List<ProgramRef> tooMany = Collections.nCopies(1_001, new ProgramRef("p", "u"));
        assertThatIllegalArgumentException().isThrownBy(() -> {
            Future<Map<ProgramRef, Reference>> unused = store.findAll(tooMany);
        });
        assertThat(await(store.findAll(List.of(keys.get(0), keys.get(0))))).hasSize(1);
    }

    @Test
    void oldOnesAreDeletedInStepsAndMayBeMadeAgain() throws Exception {
        for (int i = 0; i < 5; i++) {
            Instant made = NOW.minus(Duration.ofDays(10 - i));
            Reference reference = new Reference("p", "f" + i, List.of("u", "v" + i), Source.OTHER, null, null, made);
            assertThat(await(store.create(reference))).isEqualTo(Creation.CREATED);
        }
        Instant before = NOW.minus(Duration.ofDays(7)); // The fourth is exactly as old, and stays.

        assertThat(await(store.deleteOlderThan(before, 2))).isEqualTo(2);
        assertThat(await(store.find(byRefs("v0", "v1")))).isEmpty();
        assertThat(await(store.find(byRefs("v2")))).isPresent();
        assertThat(await(store.deleteOlderThan(before, 2))).isEqualTo(1);
        assertThat(await(store.deleteOlderThan(before, 2))).isZero();

        assertThat(await(store.find(byRefs("u"))).map(Reference::fingerprint)).contains("f3");
        assertThat(create("p", "f0", "u")).isEqualTo(Creation.CREATED);
    }

    @Test
    void answersComeOnTheCallersContext() throws Exception {
        Context context = vertx.getOrCreateContext();
        Promise<Context> answered = Promise.promise();
        context.runOnContext(ignored -> {
            Future<Optional<Source>> unused = store.firstType(new Visitor("p", "f"))
                    .onComplete(result -> answered.complete(Vertx.currentContext()));
        });

        assertThat(await(answered.future())).isSameAs(context);
    }

    @Test
    void aClosedStoreSaysSo() throws Exception {
        Void closed = await(store.close());

        assertThat(failure(store.firstType(new Visitor("p", "f"))).reason()).isEqualTo(Reason.CLOSED);
    }

    private static ReferenceFilter byRefs(String... refs) {
        return new ReferenceFilter(List.of(refs), null, null);
    }

    private Optional<Reference> find(List<String> refs, String fingerprint, String programId) throws Exception {
        return await(store.find(new ReferenceFilter(refs, fingerprint, programId)));
    }

    private Creation create(String programId, String fingerprint, String... refs) throws Exception {
        return create(Source.OTHER, programId, fingerprint, refs);
    }

    private Creation create(Source type, String programId, String fingerprint, String... refs) throws Exception {
        return await(store.create(new Reference(programId, fingerprint, List.of(refs), type, null, null, NOW)));
    }
}
