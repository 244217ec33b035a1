package com.barnebys.analytics.delivery;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A line of {@link DeadLetters}, read back. */
final class DeadLetter {
    private static final Pattern FILE = Pattern.compile("parked(?:-(\\d{1,9}))?\\.ndjson");
    private static final Pattern SEQUENCE = Pattern.compile("\"sequence\":(\\d{1,19}),");
    private static final int BUFFER_BYTES = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetter.class);

    private final RowKey key;
    private final String kind;
    private final String reason;
    private final byte[] record;

    private DeadLetter(RowKey key, @Nullable String kind, String reason, byte[] record) {
        this.key = key;
        this.kind = kind == null ? "" : kind;
        this.reason = reason;
        this.record = record;
    }

    /** Takes the lines one by one, with the number in them, or -1. */
    interface LineConsumer {
        void accept(String line, long sequence) throws IOException;
    }

    /** All lines there are, oldest file first. Lines may be added meanwhile; those may be seen or not. */
    static void forEachLine(Path directory, LineConsumer consumer) throws IOException {
        for (Path file : files(directory)) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
                ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
                for (int b = in.read(); b >= 0; b = in.read()) {
                    if (b != '\n') {
                        line.write(b);
                        continue;
                    }
                    hand(line, consumer);
                }
                hand(line, consumer);
            } catch (NoSuchFileException e) {
                LOG.debug("Renamed since it was listed: seen the next time. file={}", file);
            }
        }
    }

    private static void hand(ByteArrayOutputStream bytes, LineConsumer consumer) throws IOException {
        if (bytes.size() > 0) {
            String line = bytes.toString(StandardCharsets.UTF_8);
            bytes.reset();
            Matcher sequence = SEQUENCE.matcher(line);
            long number = -1;
            if (sequence.find()) {
                try {
                    number = Long.parseLong(sequence.group(1));
                } catch (NumberFormatException e) {
                    number = -1; // more than a long: torn and glued by somebody
                }
            }
            consumer.accept(line, number);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(file -> FILE.matcher(name(file)).matches())
                    .sorted(Comparator.comparingLong(DeadLetter::age))
                    .forEach(files::add);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return files;
    }

    private static long age(Path file) {
        Matcher matcher = FILE.matcher(name(file));
        return matcher.matches() && matcher.group(1) != null ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /** Null when it is none: torn by a power cut, or just being written. */
    static @Nullable DeadLetter parse(String line) {
        try {
            JsonObject json = new JsonObject(line);
            Long sequence = json.getLong("sequence");
            String reason = json.getString("reason");
            String row = json.getString("row");
            if (sequence == null || sequence < 0 || reason == null || row == null) {
                return null;
            }
            byte[] record = Base64.getDecoder().decode(row);
            return new DeadLetter(RowKey.of(sequence, record), json.getString("kind"), reason, record);
        } catch (DecodeException | IllegalArgumentException | ClassCastException e) {
            return null;
        }
    }

    RowKey key() {
        return key;
    }

    /** Empty when nobody can tell. */
    String kind() {
        return kind;
    }

    String reason() {
        return reason;
    }

    /** As the spool had it; not to be changed. */
    byte[] record() {
        return record;
    }
}
