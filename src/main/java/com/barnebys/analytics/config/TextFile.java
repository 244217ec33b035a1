package com.barnebys.analytics.config;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small file read whole, or why it could not be; the stores hand it to their processor as JSON.
 *
 * @param text empty when there is a mistake
 */
record TextFile(String source, String text, @Nullable Mistake mistake) {
    private static final int BYTES_MAX = 1 << 20;

    /** @param name the setting that named the file, blamed when it cannot be read */
    static TextFile read(String name, Path file) {
        String source = file.toString();
        try {
            if (Files.size(file) > BYTES_MAX) {
                return failed(name, source, "expected: at most 1 MiB");
            }
            byte[] bytes = Files.readAllBytes(file);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return new TextFile(source, text, null);
        } catch (CharacterCodingException e) {
            return failed(name, source, "expected: UTF-8");
        } catch (IOException e) {
            return failed(name, source, "expected: a file that can be read");
        }
    }

    static TextFile failed(String name, String source, String advice) {
        return new TextFile(source, "", new Mistake(name, source, "", advice));
    }

    static Buffer toBuffer(List<TextFile> files) {
        JsonArray array = new JsonArray();
        for (TextFile file : files) {
            JsonArray entry = new JsonArray().add(file.source).add(file.text);
            if (file.mistake != null) {
                entry.add(file.mistake.name()).add(file.mistake.advice());
            }
            array.add(entry);
        }
        return array.toBuffer();
    }

    static List<TextFile> fromBuffer(Buffer buffer) {
        List<TextFile> files = new ArrayList<>();
        JsonArray array = buffer.toJsonArray();
        for (int i = 0; i < array.size(); i++) {
            JsonArray entry = array.getJsonArray(i);
            String source = entry.getString(0);
            files.add(
                    entry.size() == 2
                            ? new TextFile(source, entry.getString(1), null)
                            : failed(entry.getString(2), source, entry.getString(3)));
        }
        return files;
    }

    /** Where it came from only: the text may hold secrets. */
    @Override
    public String toString() {
        return source;
    }
}
