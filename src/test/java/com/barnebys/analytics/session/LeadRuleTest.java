package com.barnebys.analytics.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.hit.SignatureRule;
import com.barnebys.analytics.hit.TrackHit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeadRuleTest {
    @ParameterizedTest
    @CsvSource({
        // hit: affiliate, kind, program; session: kind, program
        "true,  click, AFF1, ,      ,     STARTS_SESSION",
        "true,  click, AFF1, click, AFF2, STARTS_SESSION",
        "true,  click, AFF1, view,  AFF1, STARTS_SESSION",
        // The hour counts from the first click (protocol.md section 6).
        "true,  click, AFF1, click, AFF1, NEITHER",
        "false, click, ADV1, click, AFF1, LEADS",
        "false, click, AFF1, click, AFF1, LEADS",
        "false, view,  ADV1, click, AFF1, NEITHER",
        "false, click, ADV1, ,      ,     NEITHER",
    })
    void sessionStartsOnceAndLeadsOnItsOwnKind(
            boolean isAffiliate,
            String kind,
            String program,
            String sessionKind,
            String sessionProgram,
            LeadRule rule) {
        Session session = sessionKind == null ? null : new Session(sessionKind, sessionProgram, 1_795_000_000L);

        assertThat(LeadRule.of(hit(isAffiliate, kind, program), session)).isEqualTo(rule);
    }

    private static TrackHit hit(boolean isAffiliate, String kind, String program) {
        return new TrackHit(
                program, kind, isAffiliate, "", "", "", "", "", "", false, null, null, false, SignatureRule.RAW, 0);
    }
}
