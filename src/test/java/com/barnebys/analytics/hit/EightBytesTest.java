package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Each question against the plain loop, for every byte at every place, beside neighbours that borrow and carry. */
class EightBytesTest {
    private static final int[] NEIGHBOURS = {0x00, 0x01, '!', '%', '&', '=', 0x7E, 0x7F, 0x80, 0xFF};

    @Test
    void everyByteAtEveryPlaceIsJudgedAsByALoop() {
        byte[] bytes = new byte[8];
        for (int neighbour : NEIGHBOURS) {
            for (int place = 0; place < 8; place++) {
                for (int value = 0; value < 256; value++) {
                    Arrays.fill(bytes, (byte) neighbour);
                    bytes[place] = (byte) value;
                    check(bytes);
                }
            }
        }
    }

    private static void check(byte[] bytes) {
        long eight = EightBytes.at(bytes, 0);
        long equal = 0;
        long notAscii = 0;
        boolean isPrintable = true;
        for (int i = 0; i < 8; i++) {
            long bit = 0x80L << 8 * i;
            equal |= bytes[i] == '&' ? bit : 0;
            notAscii |= bytes[i] < 0 ? bit : 0;
            isPrintable &= bytes[i] >= 0x21 && bytes[i] <= 0x7E;
        }
        assertThat(EightBytes.equal(eight, '&')).isEqualTo(equal);
        assertThat(EightBytes.notAscii(eight)).isEqualTo(notAscii);
        assertThat(EightBytes.notPrintable(eight) == 0).isEqualTo(isPrintable);
        if (equal != 0) {
            assertThat(bytes[EightBytes.first(equal)]).isEqualTo((byte) '&');
        }
    }
}
