package com.barnebys.analytics.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.barnebys.analytics.reference.InvalidReferenceException.Flaw;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReferenceTest {
    private static final String LONG = "x".repeat(300);

    @Test
    void eachMistakeHasItsName() {
        List<String> many = IntStream.range(0, 33).mapToObj(i -> "u" + i).toList();

        assertThat(flaw(() -> reference("", "f", "u"))).isEqualTo(Flaw.PROGRAM_MISSING);
        assertThat(flaw(() -> reference("\u0000", "f", "u"))).isEqualTo(Flaw.PROGRAM_MISSING);
        assertThat(flaw(() -> reference(LONG, "f", "u"))).isEqualTo(Flaw.PROGRAM_TOO_LONG);
        assertThat(flaw(() -> reference("p", "", "u"))).isEqualTo(Flaw.FINGERPRINT_MISSING);
        assertThat(flaw(() -> reference("p", LONG, "u"))).isEqualTo(Flaw.FINGERPRINT_TOO_LONG);
        assertThat(flaw(() -> reference("p", "f"))).isEqualTo(Flaw.REFS_MISSING);
        assertThat(flaw(() -> reference("p", "f", "u", ""))).isEqualTo(Flaw.REFS_MISSING);
        assertThat(flaw(() -> reference("p", "f", LONG))).isEqualTo(Flaw.REF_TOO_LONG);
        assertThat(flaw(() -> reference("p", "f", many.toArray(String[]::new)))).isEqualTo(Flaw.TOO_MANY_REFS);
        assertThat(flaw(() -> new ReferenceFilter(List.of(), null, "p"))).isEqualTo(Flaw.NOTHING_ASKED);
        assertThat(flaw(() -> new ProgramRef("p", LONG))).isEqualTo(Flaw.REF_TOO_LONG);
    }

    @Test
    void aRefSaidTwiceCountsOnce() {
        assertThat(reference("p", "f", "b", "a", "b").refs()).containsExactly("b", "a");
        assertThat(reference("p", "f", Collections.nCopies(50, "u").toArray(String[]::new))
                        .refs())
                .hasSize(1);
    }

    @Test
    void aRequestsRefsAreSplitAtCommas() {
        assertThat(Reference.split("u1,s1")).containsExactly("u1", "s1");
        assertThat(Reference.split(",u1,,")).containsExactly("u1");
        assertThat(Reference.split(",")).isEmpty();
        assertThat(Reference.split("")).isEmpty();
    }

    @Test
    void aUserAgentIsCutBetweenCharacters() {
        Reference reference = new Reference(
                "p", "f", List.of("u"), Source.OTHER, null, "x".repeat(1_023) + "\uD83D\uDE00", Instant.EPOCH);

        assertThat(reference.userAgent()).hasSize(1_024).endsWith("x\uFFFD");
    }

    private static Reference reference(String programId, String fingerprint, String... refs) {
        return new Reference(programId, fingerprint, List.of(refs), Source.OTHER, null, null, Instant.EPOCH);
    }

    private static Flaw flaw(Runnable code) {
        return catchThrowableOfType(InvalidReferenceException.class, code::run).flaw();
    }
}
