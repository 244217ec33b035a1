package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The recorded examples that need only a target: what the links in the wild say, and what is refused. */
class HitExamplesTest {
    private static final Set<String> GROUPS =
            Set.of("vectors", "collect", "legacy", "map", "utm", "redirect", "limits");

    static Stream<Named<JsonObject>> examples() throws IOException {
        InputStream stream =
                Objects.requireNonNull(HitExamplesTest.class.getResourceAsStream("/compat/examples.jsonl"));
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            List<JsonObject> all = reader.lines().map(JsonObject::new).toList();
            return all.stream()
                    .filter(example -> GROUPS.contains(example.getString("group")) && example.containsKey("target"))
                    .map(example -> Named.of(example.getString("name"), example));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isAnsweredAsRecorded(JsonObject example) {
        String signature = example.getString("sig_test", "");
        if (example.containsKey("signed") && example.containsKey("sig_test")) {
            assertThat(signature).isEqualTo(Signing.md5(example.getString("signed")));
        }
        Target target = Signing.target(example.getString("target").replace("{sig}", signature));

        Verdict verdict = verdict(target);

        int status = example.getInteger("status");
        String location =
                example.getJsonObject("expect_headers", new JsonObject()).getString("location");
        if ("{site}".equals(location)) {
            assertThat(verdict)
                    .isInstanceOfSatisfying(
                            Rejection.class, r -> assertThat(r.isIncomplete()).isTrue());
        } else if (status == 400) {
            assertThat(verdict).isInstanceOfSatisfying(Rejection.class, r -> {
                assertThat(r.status()).isEqualTo(400);
                assertThat(r.isIncomplete()).isFalse();
            });
        } else {
            assertThat(verdict).isInstanceOfSatisfying(TrackHit.class, hit -> {
                assertThat(hit.isRedirect()).isEqualTo(status == 307);
                assertThat(hit.isRedirect() ? RedirectUrl.location(hit.url()) : null)
                        .isEqualTo(location);
                assertThat(hit.isAffiliate()).isEqualTo("set".equals(example.getString("session")));
                assertThat(example.getJsonArray("rows")).hasSize(1);
                isStored(hit, example.getJsonArray("rows").getJsonObject(0));
            });
        }
    }

    private static Verdict verdict(Target target) {
        HitVerifier verifier =
                new HitVerifier(SecretRing.of(new Secret(Signing.SECRET), List.of()), new KindLimit(List.of()));
        boolean isCollect = target.isPath("/r/collect".getBytes(StandardCharsets.US_ASCII));
        return isCollect ? verifier.collect(target, 0) : verifier.catchAll(target, 0);
    }

    private static void isStored(TrackHit hit, JsonObject row) {
        boolean isClick = hit.isClick();
        Map<String, @Nullable Object> columns = new java.util.HashMap<>(Map.of(
                "table", hit.kind(),
                "programId", hit.programId(),
                "url", hit.url(),
                "dimension1", hit.dimension1(),
                "dimension2", hit.dimension2(),
                "dimension3", hit.dimension3(),
                "dimension4", hit.dimension4(),
                "dimension5", hit.dimension5(),
                "isSponsored", hit.isSponsored(),
                "hasUTMTag", isClick && UtmTag.isIn(hit.url(), "barnebys")));
        columns.put("dealType", hit.dealType());
        columns.put("source", isClick ? hit.source() : null);
        columns.put("hasFingerprint", isClick && hit.hasFingerprint());
        for (String column : row.fieldNames()) {
            // The others are the request's, not the target's.
            if (columns.containsKey(column)) {
                assertThat(columns.get(column)).as(column).isEqualTo(row.getValue(column));
            }
        }
    }
}
