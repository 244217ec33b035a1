package com.barnebys.analytics.hit;

/** Why a link is refused, as far as it can be told. All but the last ones are proven by a signature that matches. */
public enum Cause {
    HTML_ESCAPED("The link was copied from HTML source: & stands there as &amp;"),
    LINE_BROKEN("The link was broken into lines, as mail programs do"),
    SIGNATURE_SURROUNDED("Something stuck to the signature that is not part of it"),
    UPPER_CASE("The signature is in upper-case hex; it counts as lower-case only"),
    SIGNATURE_TWICE("The link has more than one s"),
    PARAMETERS_BEHIND("Parameters were appended behind the signature; on this path every parameter is signed"),
    SIGNATURE_NOT_LAST("Parameters stand behind s; on /r/collect only what stands before it counts"),
    PARAMETER_ADDED("A parameter was added that was not signed"),
    SPACES("Spaces are written another way than when the link was signed"),
    DOUBLE_ENCODED("The link was percent-encoded once too often on its way"),
    DECODED("The link was percent-decoded once too often on its way"),
    RE_ENCODED("Characters are escaped another way than when the link was signed"),
    FRAGMENT("The link holds a raw #: what stands behind it is never sent, so a value needs %23"),
    PATH_CHANGED("The path was changed on its way: it is exactly /r/collect"),
    OTHER_ROUTE("The link was signed for the other route"),
    ORDER("The parameters stand in another order than when the link was signed"),
    HOST_SIGNED("Scheme and host were signed too; a server is only sent path and query"),
    PATH_SIGNED("The path was signed; on this path it is /? and the query"),
    PREFIX_NOT_SIGNED("The query was signed without what stands before it"),
    /** The signature is right; something else is not, and the verdict says what. */
    VALUE_REFUSED("The signature is right, but the link is refused"),
    CONVERSION_EVENT("This is a conversion event (_h=event): it needs no signature"),
    NOT_A_LINK("Not a link: expected https://, http:// or a path"),
    SIGNATURE_MISSING("There is no signature: the link was never signed, or was cut off"),
    SIGNATURE_MALFORMED("The signature is neither 32 (MD5) nor 64 (HMAC) hex digits: it was cut off or overwritten"),
    NO_MATCH("Nothing matches: signed with another secret, or a value was changed after signing");

    private final String text;

    Cause(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
