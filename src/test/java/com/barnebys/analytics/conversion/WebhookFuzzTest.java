package com.barnebys.analytics.conversion;

import com.barnebys.analytics.conversion.WebhookReader.RefusedException;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** What partners' servers may send by mistake. */
class WebhookFuzzTest {
    @FuzzTest
    void anyBodyIsReadOrRefused(byte[] body) {
        try {
            for (WebhookEntry entry : WebhookReader.read(body)) {
                boolean isKey = entry.key() != null;
                if (isKey && entry.error() != null) {
                    throw new AssertionError("both an entry and none: " + entry);
                }
            }
        } catch (RefusedException e) {
            if (e.status() != 400 && e.status() != 413) {
                throw new AssertionError(e);
            }
        }
    }
}
