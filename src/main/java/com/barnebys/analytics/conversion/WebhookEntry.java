package com.barnebys.analytics.conversion;

import com.barnebys.analytics.reference.InvalidReferenceException;
import com.barnebys.analytics.reference.ProgramRef;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a webhook's list.
 *
 * @param error why it is no entry; null when it is one
 */
record WebhookEntry(
        @Nullable String programId,
        @Nullable String ref,
        String category,
        String action,
        String label,
        String value,
        String currency,
        @Nullable String error) {

    static WebhookEntry broken(@Nullable String ref, String error) {
        return new WebhookEntry(null, ref, "", "", "", "", "", error);
    }

    /** What to look for; null when no reference can be meant. */
    @Nullable ProgramRef key() {
        if (error != null || programId == null || ref == null) {
            return null;
        }
        try {
            return new ProgramRef(programId, ref);
        } catch (InvalidReferenceException nobodys) {
            return null;
        }
    }
}
