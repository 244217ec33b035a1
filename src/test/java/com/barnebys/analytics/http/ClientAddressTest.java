package com.barnebys.analytics.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {
    private static final TrustedProxies TRUSTED =
            TrustedProxies.parse(List.of("127.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "2001:db8:1::/48"));

    @ParameterizedTest
    @CsvSource({
        "203.0.113.77,203.0.113.0",
        "0.0.0.0,0.0.0.0",
        "255.255.255.255,255.255.255.0",
        "127.0.0.1,127.0.0.0",
        "::ffff:1.2.3.4,::ffff:1.2.3.0",
        "::FFFF:1.2.3.4,::ffff:1.2.3.0",
        "::ffff:102:304,::ffff:1.2.3.0",
        "0:0:0:0:0:ffff:1.2.3.4,::ffff:1.2.3.0",
        "0000:0000:0000:0000:0000:FFFF:0102:0304,::ffff:1.2.3.0",
        "::1.2.3.4,::",
        "::ffff:0:1.2.3.4,::",
        "64:ff9b::1.2.3.4,64:ff00::",
        "1:2:3:4:5:6:1.2.3.4,1::",
        "1:2:3:4:5:6:7:1.2.3.4,",
        "::ffff:1.2.3.256,",
        "::ffff:1.2.3,",
        "::1.2.3.4:5,",
        "2001:db8:abcd:12::1,2001:d00::",
        "2001:db8::,2001:d00::",
        "2001::1,2001::",
        "fe80::1,fe80::",
        "::1,::",
        "::,::",
        "0:d12::1,0:d00::",
        "2a03:2880:f10c:83:face:b00c:0:25de,2a03:2800::",
        "0.0.0.10,0.0.0.0",
        "01.02.03.04,",
        "010.1.1.1,",
        "1.2.3.00,",
        "::ffff:1.2.3.04,",
        "::ffff:0001:0203,::ffff:0.1.2.0",
        "1.2.3,",
        "1.2.3.4.5,",
        "1.2.3.256,",
        "not-an-ip,",
        "'',",
        "fe80::1%eth0,",
        "12345::,",
    })
    void isMasked(String address, String expected) {
        assertThat(ClientAddress.mask(address)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,127.0.0.0", "203.0.113.77,203.0.113.0", "::1,::", "2001:db8::1,2001:d00::"})
    void peerIsMaskedTheSameWay(String address, String expected) {
        assertThat(ClientAddress.maskPeer(address)).isEqualTo(expected).isEqualTo(ClientAddress.mask(address));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.77|203.0.113.77",
                "198.51.100.9, 203.0.113.77|203.0.113.77",
                "203.0.113.77:5555|203.0.113.77",
                "[2001:db8:9::1]:5555|2001:db8:9::1",
                "[2001:db8:9::1]|2001:db8:9::1",
                "2001:db8:9::1|2001:db8:9::1",
                "198.51.100.9, 10.1.2.3|198.51.100.9",
                "198.51.100.9, 203.0.113.77, 10.1.2.3, 127.0.0.1|203.0.113.77",
                "198.51.100.9, 2001:db8:1::5|198.51.100.9",
                "198.51.100.9, ::ffff:10.1.2.3|198.51.100.9",
                "198.51.100.9, ::ffff:a01:203|198.51.100.9",
                "10.1.0.1, 10.1.0.2|10.1.0.1",
                "203.0.113.77, unknown|203.0.113.77",
                "203.0.113.77, 198.051.100.009|203.0.113.77",
                "unknown|",
                "'  '|",
                ",,|",
                "[2001:db8::1|",
                "203.0.113.77,|203.0.113.77",
                ",203.0.113.77|203.0.113.77",
                "192.0.2.7, 192.0.2.8|192.0.2.8",
            })
    void isTheLastOneNobodyTrustsYet(String header, String expected) {
        assertThat(ClientAddress.forwardedFor(List.of(header), TRUSTED)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"1.1.1.1;10.1.2.3,1.1.1.1", "1.1.1.1;2.2.2.2,2.2.2.2", "10.1.2.3;1.1.1.1,1.1.1.1"})
    void severalHeadersAreOneList(String headers, String expected) {
        assertThat(ClientAddress.forwardedFor(Arrays.asList(headers.split(";")), TRUSTED))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "127.9.9.9,true",
        "128.0.0.1,false",
        "10.1.255.255,true",
        "10.2.0.0,false",
        "192.0.2.7,true",
        "192.0.2.6,false",
        "2001:db8:1:ffff::,true",
        "2001:db8:2::,false",
        "::ffff:127.0.0.1,true",
        "::1,false",
        "nonsense,false"
    })
    void rangesHoldWhatTheySay(String address, boolean isIn) {
        assertThat(TRUSTED.contain(address)).isEqualTo(isIn);
    }

    @ParameterizedTest
    @CsvSource({
        "::ffff:10.0.0.0/104,10.255.255.255,11.0.0.0",
        "::ffff:a00:0/104,::ffff:10.1.2.3,::ffff:11.0.0.0",
        "::FFFF:10.1.2.3,10.1.2.3,10.1.2.4",
        "::ffff:10.1.2.3/128,10.1.2.3,10.1.2.4",
        "::ffff:0:0/96,203.0.113.9,2001:db8::1",
        "64:ff9b::10.0.0.0/104,64:ff9b::10.1.2.3,10.1.2.3",
        "::/0,2001:db8::1,10.1.2.3",
    })
    void rangeOfMappedAddressesIsOneOfIpv4(String cidr, String inside, String outside) {
        TrustedProxies trusted = TrustedProxies.parse(List.of(cidr));

        assertThat(trusted.contain(inside)).isTrue();
        assertThat(trusted.contain(outside)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0/0,true", "::/0,true", "::ffff:0:0/96,true", "10.0.0.0/8,false", "0.0.0.0,false"})
    void rangeOfEverybodyIsKnown(String cidr, boolean isEverybody) {
        assertThat(TrustedProxies.parse(List.of(cidr)).areEverybody()).isEqualTo(isEverybody);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::ffff:10.0.0.0/95",
                "::ffff:10.0.0.0/8",
                "::ffff:10.0.0.0/129",
                "10.0.0.0/+8",
                "10.0.0.0/08",
                "10.0.0.0/ 8",
                "10.0.0.0/8/8",
                "10.0.0.0/\u0668",
                "10.0.0.0/99999999999",
                "010.0.0.0/8",
                "fe80::1%eth0",
                "10.0.0.0/255.0.0.0"
            })
    void rangeThatCouldMeanSomethingElseIsNamed(String cidr) {
        assertThatThrownBy(() -> TrustedProxies.parse(List.of(cidr)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(cidr);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "2001:db8::/129", "10.0.0.0/", "/8", "any", ""})
    void nonsenseRangeIsNamed(String cidr) {
        assertThatThrownBy(() -> TrustedProxies.parse(List.of(cidr)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(cidr)
                .hasMessageContaining("expected");
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0/0,1.2.3.4", "::/0,2001:db8::1", "1.2.3.4/32,1.2.3.4", "1.2.3.4/31,1.2.3.5"})
    void prefixOfAnyLengthWorks(String cidr, String address) {
        assertThat(TrustedProxies.parse(List.of(cidr)).contain(address)).isTrue();
    }
}
