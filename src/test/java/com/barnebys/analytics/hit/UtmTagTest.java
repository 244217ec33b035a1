package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UtmTagTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://h/?utm_source=barnebys", "https://h/?utm_source=barnebys&x=1",
                        "https://h/?x=1&utm_source=barnebys",
                "https://h/?&&utm_source=barnebys", "https://h/#/?utm_source=barnebys",
                        "https://h/?utm_source=%62arnebys",
                "https://h/?utm%5Fsource=barnebys", "https://h/?%75tm_source=barnebys",
                        "https://h/?utm_source=barnebys?utm_source=x",
                "https://h/?utm_source=barnebys&utm_source=x", "https://h/?a#b&utm_source=barnebys",
                        "?utm_source=barnebys",
                "https://h/?å=日本&utm_source=barnebys", "https://h/?x=%zz&utm_source=barnebys"
            })
    void isFound(String url) {
        assertThat(UtmTag.isIn(url, "barnebys")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://h/",
                "https://h/?",
                "https://h/?x=1",
                "https://h/?utm_source",
                "https://h/?utm_source=",
                "https://h/?utm_source=Barnebys",
                "https://h/?utm_source=barnebys2",
                "https://h/?utm_source=xbarnebys",
                "https://h/?utm_source=barnebys#top",
                "https://h/?utm_source=x&utm_source=barnebys",
                "https://h/?utm_source&utm_source=barnebys",
                "https://h/?UTM_SOURCE=barnebys",
                "https://h/?xutm_source=barnebys",
                "https://h/?x=1;utm_source=barnebys",
                "https://h/?x?utm_source=barnebys",
                "https://h/utm_source=barnebys",
                "https://h/#utm_source=barnebys",
                "https://h/?utm+source=barnebys",
                "https://h/?utm_source=+barnebys",
                "https://h/?utm_source=%2562arnebys",
                "https://h/?x=utm_source=barnebys"
            })
    void isNotFound(String url) {
        assertThat(UtmTag.isIn(url, "barnebys")).isFalse();
    }

    @Test
    void isWhatTheSettingSays() {
        assertThat(UtmTag.isIn("https://h/?utm_source=auction+house", "auction house"))
                .isTrue();
        assertThat(UtmTag.isIn("https://h/?utm_source=%C3%A5", "å")).isTrue();
    }

    @Test
    void onlyTheFirstThousandPiecesCount() {
        assertThat(UtmTag.isIn("https://h/?" + "&".repeat(999) + "utm_source=barnebys", "barnebys"))
                .isTrue();
        assertThat(UtmTag.isIn("https://h/?" + "&".repeat(1000) + "utm_source=barnebys", "barnebys"))
                .isFalse();
    }
}
