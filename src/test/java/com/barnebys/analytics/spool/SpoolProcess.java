package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.append;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/** A second process that opens a spool: says "open" or "locked", then acknowledges each group with a line until killed. */
final class SpoolProcess {
    private SpoolProcess() {}

    static Process start(Path directory, String mode) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                location(Spool.class) + File.pathSeparator + location(SpoolProcess.class),
                SpoolProcess.class.getName(),
                directory.toString(),
                mode);
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        SpoolOptions options = Groups.options(Path.of(arguments[0]), SyncPolicy.NONE, 1 << 16);
        try (Spool spool = Spool.open(options, 0, SpoolMetrics.NONE);
                SpoolReader reader = spool.read(spool.firstSequence())) {
            out.println("open");
            if (arguments[1].equals("hold")) {
                int unused = System.in.read();
                return;
            }
            Random random = new Random(spool.nextSequence());
            while (true) {
                append(spool, 1 + random.nextInt(64));
                out.println(spool.nextSequence());
                if (random.nextInt(100) == 0) {
                    int unused = reader.read(100, 1 << 20, (sequence, buffer, offset, length) -> {});
                    spool.trim(reader.position());
                }
            }
        } catch (SpoolLockedException e) {
            out.println("locked");
        }
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
