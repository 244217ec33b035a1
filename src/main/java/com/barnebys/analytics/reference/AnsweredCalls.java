package com.barnebys.analytics.reference;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;

/**
 * Calls that carry an idempotency key, and how they were answered. Any thread; nothing blocks, and what was answered
 * survives the death of the process. Futures fail with a {@link ReferenceStoreException}; what they were to do may then
 * have been done, and a claim that nobody knows of is abandoned after {@link #ABANDONED}.
 *
 * <p>A claim has no owner. Whoever takes longer than {@link #ABANDONED} may find it taken over: then both have stored
 * their events, under the same eventIds; the answer kept last stays; a release by one, while there is no answer, lets go
 * of the other's claim as well.
 *
 * <p>Times are the callers': where replicas share a store, their clocks have to agree to within some seconds.
 */
public interface AnsweredCalls {
    /** Characters of a key. */
    int KEY_MAX = 255;
    /** How long an answer is kept. */
    Duration KEPT = Duration.ofHours(24);
    /** After that time without an answer nobody works on the call any more. */
    Duration ABANDONED = Duration.ofMinutes(1);

    /** What became of a key that was to be claimed. */
    sealed interface Claim {
        /** The key is the caller's: he ends with {@link #keep} or {@link #release}. */
        record Claimed() implements Claim {}

        /** Somebody else works on it. */
        record UnderWay() implements Claim {}

        /** It was answered so. */
        record Answered(String answer) implements Claim {}
    }

    /**
     * Claims a key, unless it is answered or under way. Of calls at the same time one is given it.
     *
     * @throws IllegalArgumentException when the key is longer than {@link #KEY_MAX}
     */
    Future<Claim> claim(String key, Instant now);

    /**
     * Keeps the answer to a key that was claimed, instead of the one that may be there. Does nothing when the key was
     * released or forgotten meanwhile.
     *
     * @param answer tested with two million characters. NUL and lone surrogates, which JSON has only escaped, do not come
     *     back
     */
    Future<Void> keep(String key, String answer);

    /** Gives back a key whose call was not taken. One that is answered stays so. */
    Future<Void> release(String key);

    /**
     * Forgets what was claimed before that time, answered or not.
     *
     * @param max how many at most; a step takes as long as their answers have pages
     * @return how many; fewer than {@code max}: there are no more, or another replica is at them
     */
    Future<Integer> forgetOlderThan(Instant before, int max);
}
