package com.barnebys.analytics.sink.local;

import com.barnebys.analytics.sink.RetryCause;
import java.sql.SQLException;

/** Sorts SQLite's primary result codes (sqlite.org/rescode.html) by what can be done. */
final class SqlErrors {
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int READONLY = 8;
    private static final int IOERR = 10;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANTOPEN = 14;
    private static final int TOOBIG = 18;
    private static final int CONSTRAINT = 19;
    private static final int MISMATCH = 20;
    private static final int NOTADB = 26;

    private SqlErrors() {}

    static RetryCause cause(SQLException e) {
        return switch (code(e)) {
            case BUSY, LOCKED -> RetryCause.BUSY;
            case FULL -> RetryCause.DISK_FULL;
            case READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB -> RetryCause.IO;
            default -> RetryCause.OTHER;
        };
    }

    /** Whether the row itself is what SQLite does not want, so that it will not want it tomorrow either. */
    static boolean isRefusal(SQLException e) {
        int code = code(e);
        return code == TOOBIG || code == CONSTRAINT || code == MISMATCH;
    }

    static boolean isReadOnly(SQLException e) {
        return code(e) == READONLY;
    }

    static boolean cannotOpen(SQLException e) {
        return code(e) == CANTOPEN;
    }

    static boolean isNoDatabase(SQLException e) {
        return code(e) == NOTADB;
    }

    /** The primary code, of which an extended one is made by adding above it; a failed batch has it in its cause. */
    private static int code(SQLException e) {
        if (e.getErrorCode() == 0 && e.getCause() instanceof SQLException cause) {
            return code(cause);
        }
        return e.getErrorCode() & 0xFF;
    }
}
