package com.barnebys.analytics.http;

import com.barnebys.analytics.hit.FirstValues;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.Target;
import com.barnebys.analytics.http.Visits.Visit;
import com.barnebys.analytics.reference.Creation;
import com.barnebys.analytics.reference.InvalidReferenceException;
import com.barnebys.analytics.reference.Reference;
import com.barnebys.analytics.reference.ReferenceFilter;
import com.barnebys.analytics.reference.ReferenceStore;
import com.barnebys.analytics.reference.Source;
import com.barnebys.analytics.reference.SourceLookup;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /r/create} and {@code /r/fetch}: which visitor has which reference. One for each event loop. */
final class ReferenceHandler {
    private static final Set<String> CREATE_NAMES = Set.of("fingerprint", "refs", "programId", "type");
    private static final Set<String> FETCH_NAMES = Set.of("fingerprint", "ref", "programId");

    private final Visits visits;
    private final ReferenceStore store;
    private final SourceLookup sources;
    private final Clock clock;
    private final EdgeMetrics metrics;

    ReferenceHandler(Visits visits, ReferenceStore store, SourceLookup sources, Clock clock, EdgeMetrics metrics) {
        this.visits = visits;
        this.store = store;
        this.sources = sources;
        this.clock = clock;
        this.metrics = metrics;
    }

    private static FirstValues values(HttpServerRequest request, Set<String> names) {
        Target target = new Target();
        boolean unused = target.readLatin1(request.uri()); // PublicHandler has read it before.
        return FirstValues.of(target, names);
    }

    /** Called by browsers, so it needs no token. */
    void create(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        FirstValues values = values(request, CREATE_NAMES);
        String programId = values.orEmpty("programId");
        String fingerprint = values.orEmpty("fingerprint");
        List<String> refs = Reference.split(values.orEmpty("refs"));
        if (programId.isEmpty() || fingerprint.isEmpty() || refs.isEmpty()) {
            Answers.text(response, 403, "Missing parameter: fingerprint, refs and programId are needed");
            return;
        }
        Visit visit = visits.of(request);
        if (!visit.isAdmitted(programId)) {
            metrics.referenceAnswered(ReferenceAnswer.TOO_MANY_REQUESTS);
            Answers.refused(response, Rejection.TOO_MANY_REQUESTS);
            return;
        }
        if (visit.skip() != null) {
            metrics.referenceAnswered(ReferenceAnswer.SKIPPED);
            Answers.text(response, 200, "done");
            return;
        }
        Reference reference;
        try {
            reference = new Reference(
                    programId,
                    fingerprint,
                    refs,
                    Source.of(values.get("type")),
                    visit.storedAddress(),
                    visit.storedUserAgent(),
                    clock.instant());
        } catch (InvalidReferenceException e) {
            Answers.text(response, 400, String.valueOf(e.getMessage()));
            return;
        }
        Future<Creation> unused = sources.create(reference).onComplete(result -> {
            metrics.referenceAnswered(ReferenceAnswer.of(result));
            if (response.closed()) {
                return;
            }
            if (result.failed()) {
                Answers.notStored(response);
            } else if (result.result() == Creation.CREATED) {
                Answers.text(response, 200, "done");
            } else {
                Answers.text(response, 400, "already created");
            }
        });
    }

    /** Tells which visitor it is, so it is for servers only. */
    void fetch(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (!BearerToken.isShown(request, visits.options().apiToken())) {
            Answers.unauthorized(response);
            return;
        }
        FirstValues values = values(request, FETCH_NAMES);
        List<String> refs = Reference.split(values.orEmpty("ref"));
        ReferenceFilter filter;
        try {
            filter = new ReferenceFilter(refs, given(values.get("fingerprint")), given(values.get("programId")));
        } catch (InvalidReferenceException e) {
            Answers.json(response, 400, new JsonObject().put("error", e.getMessage()));
            return;
        }
        boolean isByRef = !refs.isEmpty();
        Future<Optional<JsonObject>> found = store.find(filter)
                .compose(reference -> reference
                        .map(each ->
                                (isByRef ? withSource(each) : Future.succeededFuture(json(each))).map(Optional::of))
                        .orElseGet(() -> Future.succeededFuture(Optional.empty())));
        Future<Optional<JsonObject>> unused = found.onComplete(result -> {
            if (response.closed()) {
                return;
            }
            if (result.failed()) {
                Answers.text(response, 503, "Not available, try again");
            } else if (result.result().isPresent()) {
                Answers.json(response, 200, result.result().get());
            } else if (isByRef) {
                Answers.json(response, 404, new JsonObject().put("error", "not found"));
            } else {
                Answers.text(response, 200, "");
            }
        });
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private Future<JsonObject> withSource(Reference reference) {
        return store.isFromBarnebys(reference.visitor())
                .map(isBarnebys -> json(reference).put("source", (isBarnebys ? Source.BARNEBYS : Source.OTHER).word()));
    }

    private static JsonObject json(Reference reference) {
        return new JsonObject()
                .put("fingerprint", reference.fingerprint())
                .put("refs", reference.refs())
                .put("type", reference.type().word())
                .put("programId", reference.programId())
                .put("clientIP", reference.clientIP())
                .put("userAgent", reference.userAgent())
                .put("createdAt", reference.createdAt().toString());
    }
}
