package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.InvalidReferenceException.Flaw;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a site said of one of its visitors.
 *
 * @param programId whose visitor, at most 128 characters
 * @param fingerprint the id his browser was given, at most 128 characters
 * @param refs the site's own names of him, 1 to 32 of at most 256 characters, each once
 * @param type where he came from
 * @param clientIP masked by whoever makes this; null when it must not be kept
 * @param userAgent cut at 1,024 characters; null when it must not be kept
 * @param createdAt to the millisecond
 */
public record Reference(
        String programId,
        String fingerprint,
        List<String> refs,
        Source type,
        @Nullable String clientIP,
        @Nullable String userAgent,
        Instant createdAt) {

    /** @throws InvalidReferenceException when a key is missing or too long, or there are too many refs */
    public Reference {
        programId = Limits.programId(programId);
        fingerprint = Limits.fingerprint(fingerprint);
        refs = Limits.refs(refs);
        if (refs.isEmpty()) {
            throw new InvalidReferenceException(Flaw.REFS_MISSING);
        }
        clientIP = Limits.cut(clientIP, Limits.CLIENT_IP_MAX);
        userAgent = Limits.cut(userAgent, Limits.USER_AGENT_MAX);
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
    }

    /** The refs of a request: split at commas, without empty ones. */
    public static List<String> split(String refs) {
        return Stream.of(refs.split(",", -1)).filter(ref -> !ref.isEmpty()).toList();
    }

    public Visitor visitor() {
        return new Visitor(programId, fingerprint);
    }
}
