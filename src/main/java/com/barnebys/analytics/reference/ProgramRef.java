package com.barnebys.analytics.reference;

/**
 * A business reference as one program knows it.
 *
 * @param programId at most 128 characters
 * @param ref at most 256 characters
 */
public record ProgramRef(String programId, String ref) {
    /** @throws InvalidReferenceException when one is empty or too long: then no reference can hold it */
    public ProgramRef {
        programId = Limits.programId(programId);
        ref = Limits.ref(ref);
    }
}
