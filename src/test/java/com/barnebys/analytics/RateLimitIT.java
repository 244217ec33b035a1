package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RATE_LIMIT, for strangers only. */
class RateLimitIT {
    private static final String EVENT = "/r/collect?_h=event&c=c&a=a&p=";

    @TempDir
    Path directory;

    @Test
    void floodOfOneAddressIsRefusedAndOthersAreNot() throws Exception {
        Map<String, String> settings = Map.of("RATE_LIMIT", "1", "TRUSTED_PROXIES", "127.0.0.1", "SECRET", "test");
        try (TestTracker tracker = TestTracker.start(directory, settings);
                RawHttp http = new RawHttp(tracker.port())) {
            int refused = 0;
            for (int i = 0; i < 200 && refused == 0; i++) {
                Answer answer = http.request("GET", EVENT + "flooded", "X-Forwarded-For: 203.0.113." + i % 250);
                assertThat(answer.status()).isIn(200, 429);
                refused += answer.status() == 429 ? 1 : 0;
            }
            assertThat(refused).isEqualTo(1);

            assertThat(http.request("GET", EVENT + "flooded", "X-Forwarded-For: 198.51.100.1")
                            .status())
                    .isEqualTo(200);
            assertThat(http.request("GET", EVENT + "another", "X-Forwarded-For: 203.0.113.1")
                            .status())
                    .isEqualTo(200);
            String hit = "/r/collect?p=flooded&k=view";
            assertThat(http.request("GET", hit + "&s=" + TestTracker.md5("test" + hit), "X-Forwarded-For: 203.0.113.1")
                            .status())
                    .isEqualTo(200);
        }
    }
}
