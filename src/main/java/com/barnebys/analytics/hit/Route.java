package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;

/** Which of the two signed routes a target takes, by its exact path. */
public enum Route {
    /** {@code /r/collect}: the target is signed, path included. */
    COLLECT,
    /** Every other path: {@code /?} and the query are signed. */
    CATCH_ALL;

    static final String COLLECT_PATH = "/r/collect";

    private static final byte[] COLLECT_BYTES = COLLECT_PATH.getBytes(StandardCharsets.US_ASCII);

    public static Route of(Target target) {
        return target.isPath(COLLECT_BYTES) ? COLLECT : CATCH_ALL;
    }

    static Route ofPath(String path) {
        return path.equals(COLLECT_PATH) ? COLLECT : CATCH_ALL;
    }
}
