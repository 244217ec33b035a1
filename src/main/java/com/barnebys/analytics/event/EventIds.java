package com.barnebys.analytics.event;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * Makes UUIDs of version 7 (RFC 9562, 5.7): time-ordered, one per row, unique without asking anybody. One thread; each
 * event loop has its own.
 *
 * <p>48 bits of milliseconds, a 12-bit counter that keeps one generator's ids in order within a millisecond, 62 random
 * bits. The randomness tells generators and processes apart, nothing secret hangs on it, so a fast generator seeded
 * from the system's is enough. When the counter runs over, the time part goes one millisecond ahead of the clock
 * (RFC 9562, 6.2), as it also stays where it is when the clock goes back.
 */
public final class EventIds {
    /** Characters of an id in text: 8-4-4-4-12. */
    public static final int LENGTH = 36;

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private final LongSupplier randomBits;
    private long millis;
    private int counter;

    public EventIds() {
        this(new SplittableRandom(new SecureRandom().nextLong())::nextLong);
    }

    EventIds(LongSupplier randomBits) {
        this.randomBits = randomBits;
    }

    /** Writes the next id as 36 ASCII characters. */
    void next(long nowMillis, byte[] text, int at) {
        if (nowMillis > millis) {
            millis = nowMillis;
            counter = 0;
        } else if (++counter == 1 << 12) {
            millis++;
            counter = 0;
        }
        long high = millis << 16 | 0x7000L | counter;
        long low = (randomBits.getAsLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        hex(high >>> 32, 8, text, at);
        text[at + 8] = '-';
        hex(high >>> 16, 4, text, at + 9);
        text[at + 13] = '-';
        hex(high, 4, text, at + 14);
        text[at + 18] = '-';
        hex(low >>> 48, 4, text, at + 19);
        text[at + 23] = '-';
        hex(low, 12, text, at + 24);
    }

    private static void hex(long value, int digits, byte[] text, int at) {
        for (int i = at + digits - 1; i >= at; i--) {
            text[i] = HEX[(int) value & 0xF];
            value >>>= 4;
        }
    }
}
