package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.barnebys.analytics.sink.bigquery.BigQueryOptions;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.CredentialsFile;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.Emulator;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.ServiceAccount;
import com.barnebys.analytics.sink.bigquery.DeliveryMode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of BigQuery, and how the settings of it stand to each other. */
class BigQuerySettingsTest {
    private static final String KEY = "-----BEGIN PRIVATE KEY-----\\nhush\\n-----END PRIVATE KEY-----\\n";
    private static final String EMAIL = "ba@my-project.iam.gserviceaccount.com";

    @Test
    void nothingSaidIsTheDefaultsOfTheDesign() {
        assertThat(Settings.of(Map.of()).bigQuery())
                .isEqualTo(new BigQueryOptions(
                        Optional.empty(),
                        "tracking",
                        DeliveryMode.EXACTLY_ONCE,
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        "US",
                        true));
    }

    @Test
    void everythingSaidArrives() {
        BigQueryOptions options = Settings.of(Map.of(
                        "GCP_PROJECT_ID", "my-project",
                        "BIGQUERY_DATASET_ID", "d",
                        "BIGQUERY_MODE", "insert-all",
                        "GCP_CLIENT_EMAIL", EMAIL,
                        "GCP_CLIENT_PRIVATE_KEY", KEY,
                        "BIGQUERY_CREATE_DATASET", "true",
                        "BIGQUERY_LOCATION", "EU",
                        "BIGQUERY_PARTITION", "false"))
                .bigQuery();

        assertThat(options)
                .isEqualTo(new BigQueryOptions(
                        Optional.of("my-project"),
                        "d",
                        DeliveryMode.INSERT_ALL,
                        Optional.of(new ServiceAccount(EMAIL, KEY)),
                        Optional.empty(),
                        true,
                        "EU",
                        false));
        assertThat(options.toString()).contains(EMAIL).doesNotContain("hush");
    }

    @Test
    void aCredentialsFileCountsInEveryLayerAndBehindAKey() {
        Map<String, String> file = Map.of("GOOGLE_APPLICATION_CREDENTIALS", "/run/key.json");
        Map<String, String> both = new HashMap<>(file);
        both.put("GCP_CLIENT_EMAIL", EMAIL);
        both.put("GCP_CLIENT_PRIVATE_KEY", KEY);

        assertThat(Settings.of(file).bigQuery().credentials()).contains(new CredentialsFile(Path.of("/run/key.json")));
        assertThat(Settings.of(SettingsLoaderTest.process(file)).bigQuery().credentials())
                .contains(new CredentialsFile(Path.of("/run/key.json")));
        assertThat(Settings.of(both).bigQuery().credentials()).contains(new ServiceAccount(EMAIL, KEY));
        assertThat(Settings.of(both).warnings())
                .anyMatch(warning -> warning.startsWith("GOOGLE_APPLICATION_CREDENTIALS: not used"));
    }

    // spotless:off
    @ParameterizedTest
    @CsvSource({
        "localhost:9050,        ,                   http://localhost:9050,  localhost:9060",
        "http://localhost:9050, ,                   http://localhost:9050,  localhost:9060",
        "http://bq.test:80/,    http://grpc.test:1, http://bq.test:80,      grpc.test:1",
        "[::1]:9050,            ,                   http://[::1]:9050,      [::1]:9060",
    })
    // spotless:on
    void anEmulatorHasTwoAddresses(String rest, String storage, String restUrl, String grpcAddress) {
        Map<String, String> given = new HashMap<>(Map.of("BIGQUERY_EMULATOR_HOST", rest));
        if (storage != null) {
            given.put("BIGQUERY_STORAGE_EMULATOR_HOST", storage);
        }

        assertThat(Settings.of(given).bigQuery().emulator()).contains(new Emulator(restUrl, grpcAddress));
    }

    @Test
    void namingADatasetIsSayingWhereEventsGo() {
        Settings named = Settings.of(Map.of("BIGQUERY_DATASET_ID", "d"));

        assertThat(named.store()).isEqualTo(Settings.Store.BIGQUERY);
        assertThat(named.describe().get("STORE"))
                .isEqualTo(new Settings.Described("bigquery", "BIGQUERY_DATASET_ID being set"));
        assertThat(Settings.of(Map.of("BIGQUERY_DATASET_ID", "d", "STORE", "local"))
                        .store())
                .isEqualTo(Settings.Store.LOCAL);
        assertThat(Settings.of(Map.of("STORE", "bigquery")).bigQuery().datasetId())
                .isEqualTo("tracking");
    }

    @Test
    void settingsOfBigQueryThatLeadNowhereAreWarnedOf() {
        assertThat(Settings.of(Map.of("GCP_PROJECT_ID", "my-project")).warnings())
                .singleElement()
                .asString()
                .contains("STORE: local", "GCP_PROJECT_ID");
        assertThat(Settings.of(Map.of("GCP_PROJECT_ID", "my-project", "STORE", "local"))
                        .warnings())
                .isEmpty();
        assertThat(Settings.of(Map.of("GCP_PROJECT_ID", "my-project", "BIGQUERY_DATASET_ID", "d"))
                        .warnings())
                .isEmpty();
        assertThat(Settings.of(Map.of("GCP_PROJECT_ID", "")).warnings()).isEmpty();
    }

    @Test
    void halfOfAnAccountIsAMistake() {
        assertThat(mistakes(Map.of("GCP_CLIENT_EMAIL", EMAIL)))
                .containsExactly("GCP_CLIENT_PRIVATE_KEY: empty (expected: the key of GCP_CLIENT_EMAIL)");
        assertThat(mistakes(Map.of("GCP_CLIENT_PRIVATE_KEY", KEY)))
                .containsExactly("GCP_CLIENT_EMAIL: empty (expected: the account GCP_CLIENT_PRIVATE_KEY belongs to)");
    }

    @Test
    void anEmulatorIsNotForProductionAndHasItsProjectSaid() {
        Map<String, String> emulator =
                Map.of("BIGQUERY_EMULATOR_HOST", "localhost:9050", "BIGQUERY_DATASET_ID", "d", "GCP_PROJECT_ID", "p");
        Map<String, String> prod = new HashMap<>(emulator);
        prod.putAll(Map.of("APP_ENV", "prod", "SECRET", "s"));
        Map<String, String> noProject = new HashMap<>(emulator);
        noProject.remove("GCP_PROJECT_ID");

        assertThat(Settings.of(emulator).bigQuery().emulator()).isPresent();
        assertThat(mistakes(prod))
                .containsExactly(
                        "BIGQUERY_EMULATOR_HOST: localhost:9050 in the given values (expected: empty, since APP_ENV=prod)");
        assertThat(mistakes(noProject)).singleElement().asString().startsWith("GCP_PROJECT_ID: empty (expected: ");
        assertThat(mistakes(Map.of("BIGQUERY_STORAGE_EMULATOR_HOST", "localhost:9060")))
                .singleElement()
                .asString()
                .endsWith("(expected: empty, or BIGQUERY_EMULATOR_HOST set)");
    }

    @Test
    void mistakesComeTogetherAndNoneShowsTheKey() {
        List<String> mistakes = mistakes(Map.of(
                "GCP_CLIENT_PRIVATE_KEY", "hush",
                "GCP_CLIENT_EMAIL", "nobody",
                "BIGQUERY_MODE", "exactly",
                "BIGQUERY_DATASET_ID", "p.d"));

        assertThat(mistakes).hasSize(4).noneMatch(mistake -> mistake.contains("hush"));
        assertThat(mistakes)
                .contains("BIGQUERY_MODE: exactly in the given values"
                        + " (expected: exactly-once, at-least-once, insert-all)");
        assertThat(Settings.of(Map.of("GCP_CLIENT_EMAIL", EMAIL, "GCP_CLIENT_PRIVATE_KEY", KEY)))
                .asString()
                .doesNotContain("hush");
    }

    private static List<String> mistakes(Map<String, String> given) {
        return catchThrowableOfType(InvalidSettingsException.class, () -> Settings.of(given)).mistakes().stream()
                .map(Mistake::toString)
                .toList();
    }
}
