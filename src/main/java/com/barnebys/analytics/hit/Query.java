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
    private int pieceStart;
    private int equals;

    /** Reads the query in {@code target} from {@code from} to before {@code to}. */
    void read(byte[] target, int from, int to) {
        bytes = target;
        pieces = 0;
        hasTwoSignatures = false;
        Arrays.fill(starts, ABSENT);
        pieceStart = from;
        equals = ABSENT;
        int at = from;
        // Most bytes are neither & nor =; eight at a time are asked whether one of them is.
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            long eight = EightBytes.at(target, at);
            long marks = EightBytes.equal(eight, '&') | EightBytes.equal(eight, '=');
            for (; marks != 0; marks &= marks - 1) {
                mark(at + EightBytes.first(marks));
            }
        }
        for (; at < to; at++) {
            if (target[at] == '&' || target[at] == '=') {
                mark(at);
            }
        }
        if (from <= to) {
            endPiece(to);
        }
    }

    private void mark(int at) {
        if (bytes[at] == '&') {
            endPiece(at);
        } else if (equals == ABSENT) {
            equals = at;
        }
    }

    private void endPiece(int end) {
        if (pieces == PIECES_MAX) {
            return;
        }
        pieces++;
        if (end > pieceStart) {
            int nameEnd = equals == ABSENT ? end : equals;
            take(Parameter.of(bytes, pieceStart, nameEnd), Math.min(nameEnd + 1, end), end);
        }
        pieceStart = end + 1;
        equals = ABSENT;
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

    /** Where the value begins; negative when it is absent. */
    int start(Parameter parameter) {
        return starts[parameter.ordinal()];
    }

    /** Where the value ends, if there is one. */
    int end(Parameter parameter) {
        return ends[parameter.ordinal()];
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
