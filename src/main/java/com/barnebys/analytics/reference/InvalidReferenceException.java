package com.barnebys.analytics.reference;

/** What was said of a reference cannot be one. The message names the offender and what was expected, not its value. */
public final class InvalidReferenceException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final Flaw flaw;

    InvalidReferenceException(Flaw flaw) {
        super(flaw.text);
        this.flaw = flaw;
    }

    public Flaw flaw() {
        return flaw;
    }

    /** All that can be wrong. */
    public enum Flaw {
        PROGRAM_MISSING("programId: missing (expected: text)"),
        PROGRAM_TOO_LONG("programId: too long (expected: at most " + Limits.PROGRAM_MAX + " characters)"),
        FINGERPRINT_MISSING("fingerprint: missing (expected: text)"),
        FINGERPRINT_TOO_LONG("fingerprint: too long (expected: at most " + Limits.FINGERPRINT_MAX + " characters)"),
        REFS_MISSING("refs: missing (expected: text)"),
        REF_TOO_LONG("refs: one is too long (expected: at most " + Limits.REF_MAX + " characters)"),
        TOO_MANY_REFS("refs: too many (expected: at most " + Limits.REFS_MAX + ")"),
        NOTHING_ASKED("ref, fingerprint: missing (expected: one of them)");

        private final String text;

        Flaw(String text) {
            this.text = text;
        }
    }
}
