package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.InvalidReferenceException.Flaw;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which reference is looked for. All that is said must hold.
 *
 * @param refs one of these, at most 32; empty: any
 * @param fingerprint null: any
 * @param programId null: any
 */
public record ReferenceFilter(
        List<String> refs,
        @Nullable String fingerprint,
        @Nullable String programId) {
    /** @throws InvalidReferenceException when a text is empty or too long, or neither refs nor fingerprint are said */
    public ReferenceFilter {
        refs = Limits.refs(refs);
        fingerprint = fingerprint == null ? null : Limits.fingerprint(fingerprint);
        programId = programId == null ? null : Limits.programId(programId);
        if (refs.isEmpty() && fingerprint == null) {
            throw new InvalidReferenceException(Flaw.NOTHING_ASKED);
        }
    }
}
