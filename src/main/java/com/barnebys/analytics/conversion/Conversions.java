package com.barnebys.analytics.conversion;

import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.event.ConversionEvent;
import com.barnebys.analytics.reference.Source;
import com.barnebys.analytics.reference.SourceLookup;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes conversion events of browsers. One for each event loop. */
public final class Conversions {
    private final EventPublisher publisher;
    private final SourceLookup sources;

    public Conversions(EventPublisher publisher, SourceLookup sources) {
        this.publisher = publisher;
        this.sources = sources;
    }

    /**
     * Looks up where the visitor came from, which ends within {@link SourceLookup#WAIT_MAX}, and hands the event over.
     *
     * @param clientIp masked; null when it must not be kept
     * @param userAgent null when there is none or it must not be kept
     * @param answer called once, on this loop
     */
    public void take(
            EventRequest request,
            @Nullable String clientIp,
            @Nullable String userAgent,
            long nowMillis,
            Consumer<Receipt> answer) {
        Future<Source> unused = sources.source(request.programId(), request.fingerprint())
                .onSuccess(source -> publisher.publish(
                        List.of(new ConversionEvent(
                                request.programId(),
                                request.url(),
                                clientIp,
                                userAgent,
                                request.category(),
                                request.action(),
                                request.label(),
                                request.value(),
                                request.currency(),
                                source.word(),
                                request.fingerprint(),
                                nowMillis,
                                null)),
                        answer));
    }
}
