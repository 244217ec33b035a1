package com.barnebys.analytics.hit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a raw query into its parameters: at {@code &} only, at the first {@code =}; a repeated name keeps its first
 * value; only the first {@value #PIECES_MAX} pieces count, empty ones included. Values are ranges of the target until
 * somebody asks for one. One thread, reused.
 */
@SuppressWarnings("EnumOrdinal") // arrays by parameter, as an EnumMap would, without a box for each range
final class Query {
    /** As many pieces as Node's querystring read for the service this one replaces (maxKeys 1000). */
    static final int PIECES_MAX = 1000;

    private static final int ABSENT = -1;

    private final int[] starts = new int[Parameter.COUNT];
    private final int[] ends = new int[Parameter.COUNT];
    private byte[] bytes = new byte[0];
    private int pieces;
    private boolean hasTwoSignatures;

    /** Reads the query in {@code bytes} from {@code from} to before {@code to}. */
    void read(byte[] target, int from, int to) {
        bytes = target;
        pieces = 0;
        hasTwoSignatures = false;
        Arrays.fill(starts, ABSENT);
        int start = from;
        while (start <= to && pieces < PIECES_MAX) {
            int equals = ABSENT;
            int end = start;
            for (; end < to && target[end] != '&'; end++) {
                if (equals < 0 && target[end] == '=') {
                    equals = end;
                }
            }
            pieces++;
            if (end > start) {
                int nameEnd = equals < 0 ? end : equals;
                take(Parameter.of(target, start, nameEnd), Math.min(nameEnd + 1, end), end);
            }
            start = end + 1;
        }
    }

    private void take(@Nullable Parameter parameter, int valueStart, int valueEnd) {
        if (parameter == null) {
            return;
        }
        int i = parameter.ordinal();
        if (starts[i] == ABSENT) {
            starts[i] = valueStart;
            ends[i] = valueEnd;
        } else if (parameter == Parameter.SIGNATURE) {
            hasTwoSignatures = true;
        }
    }

    /** Pieces read, empty ones included. */
    int pieces() {
        return pieces;
    }

    boolean hasTwoSignatures() {
        return hasTwoSignatures;
    }

    boolean has(Parameter parameter) {
        return starts[parameter.ordinal()] != ABSENT;
    }

    /** Absent, or without a value. */
    boolean isEmpty(Parameter parameter) {
        int i = parameter.ordinal();
        return starts[i] == ABSENT || starts[i] == ends[i];
    }

    /** The decoded value, "" when absent. */
    String value(Parameter parameter) {
        int i = parameter.ordinal();
        return starts[i] == ABSENT ? "" : PercentEncoding.decode(bytes, starts[i], ends[i]);
    }

    /** Whether the decoded value is exactly this, which is not empty. */
    boolean is(Parameter parameter, String value) {
        int i = parameter.ordinal();
        if (starts[i] == ABSENT || starts[i] == ends[i]) {
            return false;
        }
        boolean isEscaped = false;
        boolean isSame = ends[i] - starts[i] == value.length();
        for (int at = starts[i]; at < ends[i]; at++) {
            isEscaped |= bytes[at] == '%' || bytes[at] == '+';
            isSame = isSame && bytes[at] == value.charAt(at - starts[i]);
        }
        // Nearly always plain: the value is not made to be thrown away.
        return isEscaped ? value(parameter).equals(value) : isSame;
    }
}
