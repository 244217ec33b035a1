package com.barnebys.analytics.http;

import com.barnebys.analytics.browser.BrowserScript;
import java.util.Set;
import java.util.TreeSet;

/** The paths of the public port that mean something of their own; every other one is for hits. */
public final class PublicPaths {
    static final String COLLECT = "/r/collect";
    static final String CREATE = "/r/create";
    static final String FETCH = "/r/fetch";
    static final String WEBHOOK = "/w/collect";
    static final String ROBOTS = "/robots.txt";
    static final String ICON = "/favicon.ico";
    static final String HEALTH = "/health-check";

    private static final Set<String> OWN = Set.of("/", COLLECT, CREATE, FETCH, WEBHOOK, ROBOTS, ICON, HEALTH);

    private PublicPaths() {}

    /** All but the catch-all, as docs/openapi.yaml has to describe them. */
    public static Set<String> described() {
        Set<String> paths = new TreeSet<>(OWN);
        paths.addAll(BrowserScript.PATHS);
        boolean unused = paths.remove("/");
        return paths;
    }

    /** Whether a path is spoken for, so that nothing else can be put there. */
    public static boolean isTaken(String path) {
        return OWN.contains(path) || BrowserScript.PATHS.contains(path);
    }
}
