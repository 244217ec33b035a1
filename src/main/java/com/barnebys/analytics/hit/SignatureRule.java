package com.barnebys.analytics.hit;

/** Which text a signature covered. The first three names are MD5 rules of the catch-all, in the order of the protocol. */
public enum SignatureRule {
    /** {@code /?} and the parsed query without s, written again in canonical form. */
    CANONICAL,
    /** {@code /?} and the raw query before a final {@code &s=}. */
    RAW,
    /** As RAW, each {@code %20} read as {@code +}: mail programs rewrite. */
    RAW_PLUS,
    /** The raw target of {@code /r/collect}, path included, before its last {@code &s=}. */
    TARGET,
    /** HMAC-SHA256 over the text of RAW or TARGET. */
    HMAC
}
