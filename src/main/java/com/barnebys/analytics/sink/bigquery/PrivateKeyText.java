package com.barnebys.analytics.sink.bigquery;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Repairs what settings, shells and secret stores do to the {@code private_key} of a key file: literal {@code \n}
 * (Google's client then says "Invalid PKCS#8 data"), quotes and the comma behind it, Windows newlines, blanks for
 * newlines, indentation.
 */
final class PrivateKeyText {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);

    /** A backslash is no letter of base64, so each one begins an escape, however often it was escaped again. */
    private static final Pattern NO_KEY = Pattern.compile("\\\\+[nrt]|\\s+");

    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]+={0,2}");

    private PrivateKeyText() {}

    /**
     * The key as PEM, its base64 on one line.
     *
     * @throws IllegalArgumentException when there is none in the text; the message does not quote it
     */
    static String repaired(String text) {
        Matcher pem = PEM.matcher(text);
        if (!pem.find()) {
            throw new IllegalArgumentException(
                    "no private key (expected: -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----,"
                            + " the private_key of the key file)");
        }
        String base64 = NO_KEY.matcher(pem.group(1)).replaceAll("");
        if (!BASE64.matcher(base64).matches()) {
            throw new IllegalArgumentException("damaged private key (expected: base64 between its two marks)");
        }
        return "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n";
    }
}
