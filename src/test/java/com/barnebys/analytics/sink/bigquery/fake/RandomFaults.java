package com.barnebys.analytics.sink.bigquery.fake;

import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/** Append faults for a campaign: the same seed draws the same ones in the same order. */
public final class RandomFaults {
    private final Random random;
    private final int ratePerThousand;
    private final List<AppendFault> faults = new ArrayList<>();

    /** Every kind but {@link AppendFault#SILENCE}, which costs a client its whole patience each time. */
    public RandomFaults(long seed, int ratePerThousand) {
        this.random = new Random(seed);
        this.ratePerThousand = ratePerThousand;
        for (Status status : List.of(
                Status.UNAVAILABLE.withDescription("The service is currently unavailable."),
                Status.ABORTED.withDescription("Closing the stream because it has been inactive for 600 seconds."),
                Status.INTERNAL.withDescription("Received RST_STREAM with error code 2"),
                Status.CANCELLED.withDescription("The operation was cancelled."),
                Status.DEADLINE_EXCEEDED.withDescription("Deadline expired before operation could complete."),
                Status.UNKNOWN.withDescription("Unknown error."))) {
            with(AppendFault.cut(status)).with(AppendFault.cut(status).afterStoring());
        }
        for (Status status : List.of(
                Status.INTERNAL.withDescription("Internal error encountered."),
                Status.ABORTED.withDescription("The operation was aborted."),
                Status.UNKNOWN.withDescription("Unknown error."))) {
            with(AppendFault.answer(status)).with(AppendFault.answer(status).afterStoring());
        }
        with(AppendFault.answer(AppendFault.THROUGHPUT_QUOTA));
        with(AppendFault.cut(AppendFault.THROUGHPUT_QUOTA));
        with(AppendFault.cut(AppendFault.OVERLOADED));
        with(AppendFault.late(Duration.ofMillis(50)));
        with(AppendFault.FINALIZED);
    }

    /** Also answers that say what is not so: one too many, and refusals of a table and a stream that are there. */
    public RandomFaults withMisleadingAnswers() {
        with(AppendFault.ANSWERED_TWICE);
        with(AppendFault.answer(Status.NOT_FOUND.withDescription("Requested entity was not found.")));
        with(AppendFault.answer(Status.PERMISSION_DENIED.withDescription(
                "Permission 'TABLES_UPDATE_DATA' denied on resource 'projects/p' (or it may not exist).")));
        return this;
    }

    /** One more to draw. */
    public RandomFaults with(AppendFault fault) {
        faults.add(fault);
        return this;
    }

    /** Draws none of these. */
    public RandomFaults without(Predicate<AppendFault> unwanted) {
        faults.removeIf(unwanted);
        return this;
    }

    synchronized AppendFault next() {
        return random.nextInt(1000) < ratePerThousand ? faults.get(random.nextInt(faults.size())) : AppendFault.NONE;
    }
}
