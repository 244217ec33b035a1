package com.barnebys.analytics.sink.bigquery;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of one block of rows. Each block is stored whole or not at all. */
sealed interface AppendResult {

    /**
     * All rows are in the table.
     *
     * @param offset where the service says it put the first one; -1 where it does not say
     */
    record Stored(long offset) implements AppendResult {}

    /**
     * The stream already holds something at that offset.
     *
     * @param expectedOffset the next one it takes; -1: not said
     * @param mayBeOwn whether the client may have sent the block more than once by itself, so that it met its own rows
     */
    record AlreadyExists(long expectedOffset, boolean mayBeOwn) implements AppendResult {
        AlreadyExists(long expectedOffset) {
            this(expectedOffset, false);
        }
    }

    /**
     * The service names rows it will never take; nothing of the block was stored. There may be more such rows than it
     * names.
     *
     * @param errors by place of the row in the block, counted from 0
     */
    record RowsRefused(Map<Integer, String> errors) implements AppendResult {
        public RowsRefused {
            errors = Map.copyOf(errors);
        }
    }

    /**
     * Not stored, or nobody knows.
     *
     * @param endsCall whether that was said of the connection, which has ended, and not in answer to the block: it may be
     *     stored all the same, and it may be another one that is meant
     */
    record Failed(Failure failure, String message, @Nullable Throwable cause, boolean endsCall)
            implements AppendResult {
        Failed(Failure failure, String message, @Nullable Throwable cause) {
            this(failure, message, cause, false);
        }
    }
}
