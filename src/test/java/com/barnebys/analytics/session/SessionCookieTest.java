package com.barnebys.analytics.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionCookieTest {
    private static final long NOW = 1_795_000_000L;
    private static final Session SESSION = new Session("click", "prög-1", NOW);

    private final SessionCookie cookie = cookie("one");

    private static SessionCookie cookie(String... secrets) {
        return cookie(SameSite.AUTO, null, secrets);
    }

    private static SessionCookie cookie(SameSite sameSite, String domain, String... secrets) {
        List<Secret> keys = new ArrayList<>();
        for (String secret : secrets) {
            keys.add(new Secret(secret));
        }
        return new SessionCookie(
                new SecretRing(keys), new SessionOptions("_ba", Duration.ofMinutes(60), sameSite, domain));
    }

    /** What a browser sends back. */
    private static String sentBack(String setCookie) {
        return setCookie.substring(0, setCookie.indexOf(';'));
    }

    private String issued() {
        return sentBack(cookie.issue(SESSION, false));
    }

    @Test
    void comesBackAsItWentOut() {
        assertThat(cookie.read(issued(), "click", NOW + 10)).isEqualTo(SESSION);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%s|true",
                "a=1; %s|true",
                "a=1;%s; b=2|true",
                "x_ba=1; %s|true",
                "_ba=junk; %s|true",
                "_ba=; %s|true",
                "a=1 %s|false",
                "x%s|false",
                "''|false",
                "_ba|false",
                "_ba=|false"
            })
    void isFoundAmongOthers(String header, boolean isFound) {
        assertThat(cookie.read(header.replace("%s", issued()), "click", NOW) != null)
                .isEqualTo(isFound);
    }

    @Test
    void sessionOfAnotherKindIsNotAskedFor() {
        assertThat(cookie.read(issued(), "view", NOW)).isNull();
    }

    @Test
    void onlySoManyOfOurNameAreTried() {
        assertThat(cookie.read("_ba=x; ".repeat(3) + issued(), "click", NOW)).isNotNull();
        assertThat(cookie.read("_ba=x; ".repeat(4) + issued(), "click", NOW)).isNull();
    }

    @Test
    void ageCountsFromTheFirstClick() {
        assertThat(cookie.read(issued(), "click", NOW + 3600)).isNotNull();
        assertThat(cookie.read(issued(), "click", NOW + 3601)).isNull();
    }

    @Test
    void cookieFromTheFutureIsNone() {
        assertThat(cookie.read(issued(), "click", NOW - 60)).isNotNull();
        assertThat(cookie.read(issued(), "click", NOW - 61)).isNull();
    }

    @Test
    void everyChangedCharacterMakesItNone() {
        String value = issued();
        for (int i = 4; i < value.length(); i++) {
            char c = value.charAt(i);
            String changed = value.substring(0, i) + (c == 'A' ? 'B' : 'A') + value.substring(i + 1);

            assertThat(cookie.read(changed, "click", NOW))
                    .as("changed at %d", i)
                    .isNull();
        }
        for (int i = 4; i < value.length(); i++) {
            assertThat(cookie.read(value.substring(0, i), "click", NOW))
                    .as("cut at %d", i)
                    .isNull();
        }
    }

    @Test
    void anotherNameOrSecretMakesItNone() {
        SessionCookie otherName = new SessionCookie(
                new SecretRing(List.of(new Secret("one"))),
                new SessionOptions("_bb", Duration.ofMinutes(60), SameSite.AUTO, null));

        assertThat(otherName.read(issued().replace("_ba=", "_bb="), "click", NOW))
                .isNull();
        assertThat(cookie("two").read(issued(), "click", NOW)).isNull();
    }

    @Test
    void rotatedSecretKeepsSessions() {
        assertThat(cookie("new", "one").read(issued(), "click", NOW)).isEqualTo(SESSION);
        assertThat(cookie.read(sentBack(cookie("new", "one").issue(SESSION, false)), "click", NOW))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO,false,SameSite=Lax",
        "AUTO,true,SameSite=None; Secure",
        "LAX,true,SameSite=Lax",
        "STRICT,true,SameSite=Strict",
        "NONE,false,SameSite=None; Secure"
    })
    void sameSiteFollowsTheSetting(SameSite sameSite, boolean isHttps, String expected) {
        SessionCookie cookie = cookie(sameSite, null, "one");

        assertThat(cookie.issue(SESSION, isHttps)).endsWith("; " + expected);
        assertThat(cookie.clear(isHttps)).endsWith("; " + expected);
    }

    @Test
    void attributesAreThoseOfTheProtocol() {
        assertThat(cookie.issue(SESSION, false))
                .startsWith("_ba=")
                .contains("; Path=/; HttpOnly; Max-Age=3600; Expires=Wed, 18 Nov 2026 12:06:40 GMT;")
                .doesNotContain("Domain");
        assertThat(cookie.clear(false))
                .startsWith("_ba=; ")
                .contains("Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(cookie(SameSite.AUTO, "t.example", "one").issue(SESSION, false))
                .contains("; Domain=t.example;");
    }

    @Test
    void programTooLongForABrowserIsNotIssued() {
        assertThat(cookie.issue(new Session("click", "x".repeat(4000), NOW), false))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"_ba=%00", "_ba=====", "_ba=AQ", "_ba=\u00e5", "_ba=AQAAAAAA//////////////////////8"})
    void junkIsNoSession(String header) {
        assertThat(cookie.read(header, "click", NOW)).isNull();
    }
}
