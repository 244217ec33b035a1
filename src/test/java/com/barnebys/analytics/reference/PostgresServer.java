package com.barnebys.analytics.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real PostgreSQL on a free loopback port, in a directory of its own, with passwords (SCRAM) and TLS. It refuses to run
 * as root, so then it runs as another user. Where it is not installed the tests are skipped and say so.
 */
final class PostgresServer implements AutoCloseable {
    /** Needs escaping in a URL, and is looked for in what must not show it. */
    static final String PASSWORD = "s3cr/t@:%";

    static final String USER = "ba_owner";

    private static final int GUARD_SECONDS = 60;

    private final Path bin;
    private final List<String> asUser;
    private final Path home;
    private final int port;
    private int databases;
    private Process server;

    private PostgresServer(Path bin, List<String> asUser, Path home, int port) {
        this.bin = bin;
        this.asUser = asUser;
        this.home = home;
        this.port = port;
    }

    static PostgresServer start() throws IOException, InterruptedException {
        Optional<Path> bin = binaries();
        assumeTrue(bin.isPresent(), "PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or PATH");
        assumeTrue(isThere("openssl"), "openssl is not installed");
        List<String> asUser = List.of();
        Path home = Files.createTempDirectory("ba-postgres");
        if (Files.getOwner(home).getName().equals("root")) {
            assumeTrue(isThere("setpriv"), "as root PostgreSQL needs setpriv");
            String user = output(List.of("id", "-u", "postgres")).isEmpty() ? "nobody" : "postgres";
            asUser = List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--");
            run(List.of("chown", user, home.toString()));
        }
        PostgresServer postgres = new PostgresServer(bin.get(), asUser, home, freePort());
        try {
            postgres.initialize();
            postgres.startAgain();
            return postgres;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            postgres.close();
            throw e;
        }
    }

    private static Optional<Path> binaries() throws IOException {
        List<Path> candidates = new ArrayList<>();
        Path debian = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(debian)) {
            try (Stream<Path> versions = Files.list(debian)) {
                versions.map(version -> version.resolve("bin")).forEach(candidates::add);
            }
        }
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            candidates.add(Path.of(directory));
        }
        return candidates.stream()
                .filter(path -> Stream.of("initdb", "postgres", "psql", "pg_isready")
                        .allMatch(name -> Files.isExecutable(path.resolve(name))))
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void initialize() throws IOException, InterruptedException {
        Path passwords = home.resolve("password");
        runAsUser("sh", "-c", "umask 077 && printf %s '" + PASSWORD + "' > " + passwords);
        runAsUser(
                bin.resolve("initdb").toString(),
                "--pgdata=" + data(),
                "--username=" + USER,
                "--pwfile=" + passwords,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync");
        runAsUser(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-keyout",
                home.resolve("server.key").toString(),
                "-out",
                certificate().toString());
        runAsUser("chmod", "600", home.resolve("server.key").toString());
    }

    private Path data() {
        return home.resolve("data");
    }

    /** For {@code localhost}, not for 127.0.0.1. Signed by itself, and readable for the tests when they are root. */
    Path certificate() {
        return home.resolve("server.crt");
    }

    void startAgain() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(asUser);
        command.add(bin.resolve("postgres").toString());
        command.addAll(List.of("-D", data().toString(), "-p", Integer.toString(port)));
        for (String setting : List.of(
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "fsync=off",
                "shared_buffers=16MB",
                "max_connections=40",
                "ssl=on",
                "ssl_cert_file=" + certificate(),
                "ssl_key_file=" + home.resolve("server.key"))) {
            command.addAll(List.of("-c", setting));
        }
        server = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("server.log").toFile()))
                .start();
        List<String> ask =
                List.of(bin.resolve("pg_isready").toString(), "-q", "-h", "127.0.0.1", "-p", Integer.toString(port));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
        while (exitCode(ask) != 0) {
            assertThat(server.isAlive() && System.nanoTime() - deadline < 0)
                    .as("PostgreSQL has started")
                    .isTrue();
            Thread.sleep(50);
        }
    }

    /** Ends it as {@code pg_ctl stop -m fast} does: clients are sent away. */
    void stop() throws IOException, InterruptedException {
        if (server != null && server.isAlive()) {
            run(List.of("kill", "-INT", Long.toString(server.pid())));
            if (!server.waitFor(GUARD_SECONDS, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
    }

    int port() {
        return port;
    }

    String newDatabase() throws IOException, InterruptedException {
        String name = "ba_" + ++databases;
        query("postgres", "CREATE DATABASE " + name);
        return name;
    }

    PostgresUrl url(String database) {
        return url("127.0.0.1", port, database, "?sslmode=disable");
    }

    static PostgresUrl url(String host, int port, String database, String parameters) {
        return PostgresUrl.parse(
                "postgresql://" + USER + ":s3cr%2Ft%40%3A%25@" + host + ':' + port + '/' + database + parameters);
    }

    /** What psql prints: one line a row, columns divided by {@code |}. */
    String query(String database, String sql) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                bin.resolve("psql").toString(),
                "-X",
                "-At",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-U",
                USER,
                "-d",
                database,
                "-c",
                sql);
        builder.environment().put("PGPASSWORD", PASSWORD);
        return outputOf(builder);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stop();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void runAsUser(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(asUser);
        all.addAll(List.of(command));
        run(all);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        String unused = outputOf(new ProcessBuilder(command));
    }

    private static String outputOf(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output.strip();
    }

    private static boolean isThere(String command) throws IOException, InterruptedException {
        return exitCode(List.of("sh", "-c", "command -v " + command)) == 0;
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int exitCode(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(GUARD_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }
}
