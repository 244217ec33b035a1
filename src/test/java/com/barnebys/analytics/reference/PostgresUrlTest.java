package com.barnebys.analytics.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresUrlTest {
    @Test
    void everythingSaidArrives() throws IOException {
        PgConnectOptions options = PostgresUrl.parse(
                        "postgres://us%40er:p%2Fa+%20%25@[::1]:6543/my%20db?sslmode=verify-full")
                .connectOptions();

        assertThat(options.getUser()).isEqualTo("us@er");
        assertThat(options.getPassword()).isEqualTo("p/a+ %");
        assertThat(options.getHost()).isEqualTo("::1");
        assertThat(options.getPort()).isEqualTo(6543);
        assertThat(options.getDatabase()).isEqualTo("my db");
        assertThat(options.getSslMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(options.getSslOptions().isTrustAll()).isFalse();
    }

    @Test
    void theRestIsAsForPsql() throws IOException {
        PgConnectOptions options = PostgresUrl.parse("postgresql://ba@db_1/ba").connectOptions();

        assertThat(options.getHost()).isEqualTo("db_1");
        assertThat(options.getPort()).isEqualTo(5432);
        assertThat(options.getPassword()).isEmpty();
        assertThat(options.getSslMode()).isEqualTo(SslMode.PREFER);
    }

    // spotless:off
    @ParameterizedTest
    @CsvSource({
        "mysql://hush:hush@h/d,                                             scheme",
        "hush,                                                              scheme",
        "postgresql://hush:hush#@h/d,                                       %23",
        "postgresql://hush:hu%sh@h/d,                                       %25",
        "postgresql://hush:hush@hush@h/d,                                   %40",
        "postgresql://hush:hush:hush@h/d,                                   %3A",
        "postgresql://hush:hu/sh@h/d,                                       %2F",
        "postgresql://h/d,                                                  user",
        "postgresql://@h/d,                                                 user",
        "postgresql://:hush@h/d,                                            user",
        "postgresql://hush:hush@/d,                                         host",
        "'postgresql://hush:hush@h,h/d',                                      host",
        "postgresql://hush:hush@[::1/d,                                     host",
        "postgresql://hush:hush@h:0/d,                                      65535",
        "postgresql://hush:hush@h:65536/d,                                  65535",
        "postgresql://hush:hush@h:x/d,                                      65535",
        "postgresql://hush:hush@h,                                          database",
        "postgresql://hush:hush@h/,                                         database",
        "postgresql://hush:hush@h/d/e,                                      database",
        "postgresql://hush:hush@h/d?sslmode=on,                             verify-full",
        "postgresql://hush:hush@h/d?sslmode=VERIFY-FULL,                    verify-full",
        "postgresql://hush:hush@h/d?sslrootcert=/c,                         verify-full",
        "postgresql://hush:hush@h/d?sslmode=require&sslrootcert=/c,         verify-full",
        "postgresql://hush:hush@h/d?connect_timeout=3,                      parameters",
    })
    // spotless:on
    void eachMistakeIsNamedAndNothingShown(String url, String named) {
        String expected = named.equals("scheme") ? "postgres://" : named;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresUrl.parse(url))
                .withMessageContaining(expected)
                .withNoCause()
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hush"));
    }

    @Test
    void aFileWithoutCertificatesIsRefusedBeforeAnybodyConnects(@TempDir Path dir) throws IOException {
        Path empty = Files.writeString(dir.resolve("ca.pem"), "nothing");

        for (Path file : List.of(empty, dir.resolve("nowhere.pem"))) {
            PostgresUrl url = PostgresUrl.parse("postgresql://u:hush@h/d?sslmode=verify-ca&sslrootcert=" + file);
            assertThatIOException()
                    .isThrownBy(url::connectOptions)
                    .withMessageContaining(file.toString())
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hush"));
        }
    }

    @Test
    void neitherUserNorPasswordIsShown() {
        PostgresUrl url = PostgresUrl.parse("postgresql://someone:hush@h:1/d?sslmode=require");

        assertThat(url).hasToString("postgresql://***@h:1/d?sslmode=require");
        assertThat(url.scrubbed("no pg_hba.conf entry for user \"someone\", password hush"))
                .doesNotContain("someone", "hush");
    }

    @ParameterizedTest
    @CsvSource({
        "h?, true",
        "h?sslmode=disable, true",
        "h?sslmode=require, false",
        "localhost?, false",
        "127.0.0.1?, false",
        "[::1]?, false"
    })
    void whoCouldReadAlongIsKnown(String hostAndMode, boolean isReadable) {
        String[] parts = hostAndMode.split("\\?", -1);

        assertThat(PostgresUrl.parse("postgresql://u:p@" + parts[0] + "/d?" + parts[1])
                        .isReadableOnTheWay())
                .isEqualTo(isReadable);
    }
}
