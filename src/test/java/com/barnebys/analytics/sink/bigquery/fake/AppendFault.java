package com.barnebys.analytics.sink.bigquery.fake;

import io.grpc.Status;
import java.time.Duration;

/**
 * What goes wrong with one AppendRows request. As it is, nothing is stored (except where only the answer is late); {@link
 * #afterStoring()} makes the one that is stored and looks as if it were not.
 *
 * @param status of the answer or of the end of the call
 * @param delay of the answer
 */
public record AppendFault(Effect effect, boolean isStored, Status status, Duration delay) {
    /** Nothing goes wrong: lets a request pass before the next fault. */
    public static final AppendFault NONE = new AppendFault(Effect.NONE, true, Status.OK, Duration.ZERO);

    /** Never an answer, and nothing after it on this call is read, or, after storing, answered. */
    public static final AppendFault SILENCE = new AppendFault(Effect.SILENCE, false, Status.OK, Duration.ZERO);

    /** The stream is finalized behind the client's back just before. */
    public static final AppendFault FINALIZED = new AppendFault(Effect.FINALIZE, true, Status.OK, Duration.ZERO);

    /** The right answer, and once more. */
    public static final AppendFault ANSWERED_TWICE = new AppendFault(Effect.TWICE, true, Status.OK, Duration.ZERO);

    /** An answer that says neither "stored" nor "refused". */
    public static final AppendFault WORDLESS = new AppendFault(Effect.NONE, false, Status.OK, Duration.ZERO);

    /** The first row is refused, and there is no error of the request. */
    public static final AppendFault ROWS_ONLY = new AppendFault(Effect.ROWS_ONLY, false, Status.OK, Duration.ZERO);

    /** The quota the service is known to refuse with most often. */
    public static final Status THROUGHPUT_QUOTA = Status.RESOURCE_EXHAUSTED.withDescription(
            "Exceeds 'AppendRows throughput' quota, user_id: project0000000000000001_us, status: INSUFFICIENT_TOKENS, you"
                    + " can issue a raise quota request through Google Cloud console. Be sure to include this full error"
                    + " message in the request description.");

    public static final Status OVERLOADED =
            Status.UNAVAILABLE.withDescription("Task is overloaded (memory-protection) go/tr-t.");

    enum Effect {
        NONE,
        ANSWER,
        CUT,
        SILENCE,
        FINALIZE,
        TWICE,
        ROWS_ONLY
    }

    /** The request is answered with an error; the call goes on. */
    public static AppendFault answer(Status status) {
        return new AppendFault(Effect.ANSWER, false, status, Duration.ZERO);
    }

    /** The call ends; answers that were still waiting are lost with it. */
    public static AppendFault cut(Status status) {
        return new AppendFault(Effect.CUT, false, status, Duration.ZERO);
    }

    /** The right answer comes late, and those behind it too. */
    public static AppendFault late(Duration delay) {
        return new AppendFault(Effect.NONE, true, Status.OK, delay);
    }

    public AppendFault afterStoring() {
        return new AppendFault(effect, true, status, delay);
    }
}
