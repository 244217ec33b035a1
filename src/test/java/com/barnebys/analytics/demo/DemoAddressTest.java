package com.barnebys.analytics.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemoAddressTest {
    @ParameterizedTest
    @CsvSource({
        "localhost:9090, 127.0.0.1, http://localhost:9090, http://localhost:3000",
        "LOCALHOST, 127.0.0.1, http://localhost, http://localhost:3000",
        "localhost:9090, 172.17.0.2, http://localhost:9090, http://localhost:3000",
        "127.0.0.1:80, 127.0.0.1, http://127.0.0.1:80, http://127.0.0.1:3000",
        "[::1]:9090, ::1, http://[::1]:9090, http://[::1]:3000",
        "10.1.2.3:9090, 10.1.2.3, http://10.1.2.3:9090, http://10.1.2.3:3000",
        "[2001:db8::7]:9090, 2001:db8:0:0:0:0:0:7, http://[2001:db8::7]:9090, http://[2001:db8::7]:3000",
    })
    void ownAddressesAreTaken(String host, String local, String demo, String tracker) {
        assertThat(DemoAddress.of(host, local, 3000)).isEqualTo(new DemoAddress(demo, tracker));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "localhost.evil.example",
                "10.9.9.9:9090",
                "[2001:db8::7]",
                "localhost:",
                "localhost:x",
                "localhost:99999",
                "localhost:9090/",
                "localhost:9090\r\nX: y",
                "localhost\"><script>",
                "user@localhost",
                "localhost; script-src *",
                "::1",
            })
    void everythingElseIsNot(String host) {
        assertThat(DemoAddress.of(host, "10.1.2.3", 3000)).isNull();
    }

    @Test
    void withoutAHostThereIsNone() {
        assertThat(DemoAddress.of(null, "127.0.0.1", 3000)).isNull();
    }
}
