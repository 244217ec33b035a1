package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.barnebys.analytics.reference.ReferenceOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where references are kept, and that nobody reads the password of it. */
class ReferenceSettingsTest {
    private static final String URL = "postgresql://someone:hush@db.example/ba";

    @Test
    void nothingSaidIsAFileBesideTheRest() {
        assertThat(Settings.of(Map.of("DATA_DIR", "d", "RETENTION_DAYS", "7")).references())
                .isEqualTo(new ReferenceOptions(Optional.empty(), Path.of("d/references.db"), 7));
    }

    @Test
    void thePasswordIsNeverShown() {
        Settings settings = Settings.of(Map.of("REFERENCES_URL", URL));

        assertThat(settings.references().postgres()).isPresent();
        assertThat(settings.references().toString()).doesNotContain("hush", "someone");
        assertThat(settings.toString()).doesNotContain("hush", "someone");
        assertThat(settings.describe().get("REFERENCES_URL").value()).isEqualTo("***");
    }

    @Test
    void aMistakeIsNamedWithoutTheUrl() {
        InvalidSettingsException refused = catchThrowableOfType(
                InvalidSettingsException.class, () -> Settings.of(Map.of("REFERENCES_URL", URL + "?sslmode=on")));

        assertThat(refused.mistakes())
                .singleElement()
                .hasToString("REFERENCES_URL: *** in the given values"
                        + " (expected: sslmode=disable, allow, prefer, require, verify-ca or verify-full)");
    }

    @Test
    void inProdTheNetworkIsWarnedOf() {
        Map<String, String> open = Map.of("APP_ENV", "prod", "SECRET", "s".repeat(32), "REFERENCES_URL", URL);
        Map<String, String> closed =
                Map.of("APP_ENV", "prod", "SECRET", "s".repeat(32), "REFERENCES_URL", URL + "?sslmode=verify-full");

        assertThat(Settings.of(open).warnings()).anyMatch(warning -> warning.startsWith("REFERENCES_URL: "));
        assertThat(Settings.of(closed).warnings()).noneMatch(warning -> warning.startsWith("REFERENCES_URL: "));
    }
}
