package com.barnebys.analytics.reference;

/**
 * A visitor as one program knows him.
 *
 * @param programId at most 128 characters
 * @param fingerprint the id his browser was given, at most 128 characters
 */
public record Visitor(String programId, String fingerprint) {
    /** @throws InvalidReferenceException when one is empty or too long: then no reference can be his */
    public Visitor {
        programId = Limits.programId(programId);
        fingerprint = Limits.fingerprint(fingerprint);
    }
}
