package com.barnebys.analytics.reference;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where PostgreSQL is and how to log in, as libpq writes it (postgresql.org, "Connection URIs"):
 * {@code postgresql://user:password@host:5432/database?sslmode=verify-full&sslrootcert=/path}. Shows neither user nor
 * password in {@code toString} or exceptions.
 *
 * <p>{@code sslmode} means what it means for libpq, and has its default, {@code prefer}: TLS if the server has it, which
 * keeps nobody out who can change packets. {@code require} encrypts and does not look who answers; {@code verify-ca} and
 * {@code verify-full} do, against {@code sslrootcert} or, without it, against the authorities Java knows.
 */
public final class PostgresUrl {
    private static final int PORT = 5432;
    private static final Pattern SCHEME = Pattern.compile("postgres(ql)?://.*", Pattern.DOTALL);
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]");
    private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private final String host;
    private final int port;
    private final String database;
    private final String user;
    private final String password;
    private final SslMode sslMode;
    private final @Nullable String sslRootCert;

    private PostgresUrl(
            String host,
            int port,
            String database,
            String user,
            String password,
            SslMode sslMode,
            @Nullable String sslRootCert) {
        this.host = host;
        this.port = port;
        this.database = database;
        this.user = user;
        this.password = password;
        this.sslMode = sslMode;
        this.sslRootCert = sslRootCert;
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException with what was expected, and nothing of the text
     */
    public static PostgresUrl parse(String text) {
        require(SCHEME.matcher(text).matches(), "postgresql:// or postgres:// in front");
        require(text.indexOf('#') < 0, "no #; in a password it is written %23");
        require(text.chars().noneMatch(c -> c <= ' '), "no blanks; in a password one is written %20");
        require(!BAD_ESCAPE.matcher(text).find(), "two hex digits behind each %; in a password it is written %25");
        String rest = text.substring(text.indexOf("://") + 3);
        int question = rest.indexOf('?');
        String query = question < 0 ? "" : rest.substring(question + 1);
        String base = question < 0 ? rest : rest.substring(0, question);

        int slash = base.indexOf('/');
        String authority = slash < 0 ? base : base.substring(0, slash);
        int at = authority.indexOf('@');
        require(at > 0, "a user in front of the host: user:password@; in a password / is written %2F, ? is %3F");
        require(authority.indexOf('@', at + 1) < 0, "one @; in a password it is written %40");
        String login = authority.substring(0, at);
        int colon = login.indexOf(':');
        require(colon != 0, "a user in front of the host: user:password@");
        require(colon < 0 || login.indexOf(':', colon + 1) < 0, "one : before the @; in a password it is written %3A");
        String address = authority.substring(at + 1);
        int end = address.startsWith("[") ? address.indexOf(']') + 1 : indexOr(address, ':');
        String host = address.substring(0, end);
        require(HOST.matcher(host).matches(), "one host behind the @: a name or an address, of IPv6 in brackets");
        int port = port(address.substring(end));
        String database = slash < 0 ? "" : decoded(base.substring(slash + 1));
        require(!database.isEmpty() && database.indexOf('/') < 0, "a database behind the host: /database");
        String user = decoded(colon < 0 ? login : login.substring(0, colon));
        String password = colon < 0 ? "" : decoded(login.substring(colon + 1));

        SslMode mode = SslMode.PREFER;
        String rootCert = null;
        for (String parameter : query.split("&", -1)) {
            if (parameter.startsWith("sslmode=")) {
                mode = sslMode(parameter.substring("sslmode=".length()));
            } else if (parameter.startsWith("sslrootcert=")) {
                rootCert = decoded(parameter.substring("sslrootcert=".length()));
                require(!rootCert.isEmpty(), "a file behind sslrootcert=");
            } else {
                require(parameter.isEmpty(), "no other parameters than sslmode and sslrootcert");
            }
        }
        require(rootCert == null || isVerified(mode), "sslmode=verify-ca or sslmode=verify-full beside sslrootcert");
        return new PostgresUrl(host.replaceAll("[\\[\\]]", ""), port, database, user, password, mode, rootCert);
    }

    private static SslMode sslMode(String text) {
        Optional<SslMode> mode = Stream.of(SslMode.values())
                .filter(each -> word(each).equals(text))
                .findFirst();
        require(mode.isPresent(), "sslmode=disable, allow, prefer, require, verify-ca or verify-full");
        return mode.get();
    }

    private static int port(String text) {
        if (text.isEmpty()) {
            return PORT;
        }
        require(text.matches(":[0-9]{1,5}"), "a port behind the host: 1 to 65535");
        int port = Integer.parseInt(text.substring(1));
        require(port >= 1 && port <= 65_535, "a port behind the host: 1 to 65535");
        return port;
    }

    private static int indexOr(String text, char c) {
        int index = text.indexOf(c);
        return index < 0 ? text.length() : index;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(expected);
        }
    }

    private static boolean isVerified(SslMode mode) {
        return mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
    }

    private static String word(SslMode mode) {
        return mode.value;
    }

    /** Whether somebody between here and there could read along, and the other side is not on this machine. */
    public boolean isReadableOnTheWay() {
        boolean isHere = host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
        boolean isEncrypted = isVerified(sslMode) || sslMode == SslMode.REQUIRE;
        return !isHere && !isEncrypted;
    }

    /**
     * Options to connect with. Blocks for the certificates' file.
     *
     * @throws IOException when that file holds none. Vert.x would only find out when it connects, and then waits for ever.
     */
    PgConnectOptions connectOptions() throws IOException {
        ClientSSLOptions ssl = new ClientSSLOptions();
        if (!isVerified(sslMode)) {
            ssl.setTrustAll(true);
        } else if (sslRootCert != null) {
            ssl.setTrustOptions(new PemTrustOptions().addCertValue(certificates(sslRootCert)));
        } else {
            ssl.setTrustOptions(knownAuthorities());
        }
        ssl.setHostnameVerificationAlgorithm(sslMode == SslMode.VERIFY_FULL ? "HTTPS" : "");
        return new PgConnectOptions()
                .setHost(host)
                .setPort(port)
                .setDatabase(database)
                .setUser(user)
                .setPassword(password)
                .setSslMode(sslMode)
                .setSslOptions(ssl);
    }

    private static Buffer certificates(String file) throws IOException {
        try {
            byte[] bytes = Files.readAllBytes(Path.of(file));
            if (CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes))
                    .isEmpty()) {
                throw new IOException("no certificate in it");
            }
            return Buffer.buffer(bytes);
        } catch (IOException | GeneralSecurityException | InvalidPathException e) {
            throw new IOException("REFERENCES_URL: sslrootcert=" + file + " (expected: certificates as PEM)", e);
        }
    }

    private static TrustOptions knownAuthorities() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            TrustManager[] managers = factory.getTrustManagers();
            return TrustOptions.wrap(managers[0]);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the authorities Java knows cannot be read", e);
        }
    }

    /** The text without user and password. */
    String scrubbed(String text) {
        String shown = password.isEmpty() ? text : text.replace(password, "***");
        return shown.replace('"' + user + '"', "\"***\"");
    }

    /** {@code postgresql://***@host:5432/database?sslmode=prefer}. */
    @Override
    public String toString() {
        String shown = host.indexOf(':') < 0 ? host : '[' + host + ']';
        return "postgresql://***@" + shown + ':' + port + '/' + database + "?sslmode=" + word(sslMode);
    }
}
