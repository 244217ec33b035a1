package com.barnebys.analytics.conversion;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a webhook call: a list of entries, or one. Numbers are taken as the text they were written as, so that
 * 100.10 stays 100.10; null is as absent. Any thread.
 */
final class WebhookReader {
    static final int ENTRIES_MAX = 1000;

    private static final JsonFactory JSON = JsonFactory.builder()
            // Numbers and names are texts here, and the body bounds them; only depth costs more than its bytes.
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final int REPLACEMENT = 0xFFFD;
    private static final String PROGRAM = "programId";
    private static final String REF = "ref";
    private static final String CATEGORY = "eventCategory";
    private static final String ACTION = "eventAction";
    private static final String LABEL = "eventLabel";
    private static final String VALUE = "eventValue";
    private static final String CURRENCY = "eventCurrency";
    private static final Set<String> NAMES = Set.of(PROGRAM, REF, CATEGORY, ACTION, LABEL, VALUE, CURRENCY);

    private WebhookReader() {}

    /** A body that is refused as a whole. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;
        private final int status;

        RefusedException(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /**
     * Reads all entries, those that are none included.
     *
     * @throws RefusedException when it is no JSON, neither list nor object, or longer than {@value #ENTRIES_MAX}
     */
    static List<WebhookEntry> read(byte[] body) throws RefusedException {
        try (JsonParser json = JSON.createParser(utf8(body))) {
            List<WebhookEntry> entries = new ArrayList<>();
            JsonToken first = json.nextToken();
            if (first == JsonToken.START_OBJECT) {
                entries.add(entry(json));
            } else if (first == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    if (entries.size() == ENTRIES_MAX) {
                        throw new RefusedException(413, "At most " + ENTRIES_MAX + " entries");
                    }
                    entries.add(json.currentToken() == JsonToken.START_OBJECT ? entry(json) : noObject(json));
                }
            } else {
                throw new RefusedException(400, "Expected a list of entries or one entry, in JSON");
            }
            if (json.nextToken() != null) {
                throw new RefusedException(400, "Something stands behind the entries");
            }
            return entries;
        } catch (StreamConstraintsException e) {
            throw new RefusedException(400, "The body is nested too deep");
        } catch (IOException e) {
            // What Jackson says quotes the input.
            throw new RefusedException(400, "The body is not JSON");
        }
    }

    /** Without the mark in front. Jackson takes bytes that are no UTF-8, such as a NUL in two, and other codings. */
    private static String utf8(byte[] body) throws CharacterCodingException {
        CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
        boolean isMarked = text.hasRemaining() && text.get(0) == BYTE_ORDER_MARK;
        return text.position(isMarked ? 1 : 0).toString();
    }

    private static WebhookEntry noObject(JsonParser json) throws IOException {
        json.skipChildren();
        return WebhookEntry.broken(null, "Not an object");
    }

    private static WebhookEntry entry(JsonParser json) throws IOException {
        Map<String, String> texts = new HashMap<>();
        Set<String> noTexts = new LinkedHashSet<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            if (!NAMES.contains(name)) {
                json.skipChildren();
                continue;
            }
            // The last one of a name counts, as JSON parsers have it.
            texts.remove(name);
            noTexts.remove(name);
            if (value == JsonToken.VALUE_STRING || value.isNumeric()) {
                texts.put(name, wellFormed(json.getText()));
            } else if (value != JsonToken.VALUE_NULL) {
                json.skipChildren();
                noTexts.add(name);
            }
        }
        String error = noTexts.isEmpty() ? null : noTexts.iterator().next() + ": expected a text";
        if (error == null && missing(texts.get(PROGRAM))) {
            error = PROGRAM + ": missing";
        }
        if (error == null && missing(texts.get(REF))) {
            error = REF + ": missing";
        }
        if (error != null) {
            return WebhookEntry.broken(texts.get(REF), error);
        }
        return new WebhookEntry(
                texts.get(PROGRAM),
                texts.get(REF),
                texts.getOrDefault(CATEGORY, ""),
                texts.getOrDefault(ACTION, ""),
                texts.getOrDefault(LABEL, ""),
                texts.getOrDefault(VALUE, ""),
                texts.getOrDefault(CURRENCY, ""),
                null);
    }

    /** With U+FFFD for lone surrogates, as it is stored: in the answer each encoder makes something else of them. */
    private static String wellFormed(String text) {
        if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return text;
        }
        int[] characters = text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .toArray();
        return new String(characters, 0, characters.length);
    }

    private static boolean missing(@Nullable String text) {
        return text == null || text.isEmpty();
    }
}
