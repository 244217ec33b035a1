package com.barnebys.analytics.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PageTest {
    @Test
    void valuesAreEscaped() {
        String html = new Page("<a href=\"{link}\">{ as it is }</a>").with(Map.of("link", "/?a=1&b=\"'<$1\\>"));

        assertThat(html).isEqualTo("<a href=\"/?a=1&amp;b=&quot;&#39;&lt;$1\\&gt;\">{ as it is }</a>");
    }

    @Test
    void nameWithoutAValueIsAMistake() {
        assertThatThrownBy(() -> new Page("{link}").with(Map.of("pixel", "x")))
                .hasMessage("{link} has no value (expected: one of [pixel])");
    }
}
