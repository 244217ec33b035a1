package com.barnebys.analytics.sink.bigquery.fake;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The REST API does not do what it was asked. */
final class RestRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String reason;

    RestRefusal(int status, String reason, String message) {
        super(message, null, false, false);
        this.status = status;
        this.reason = reason;
    }

    static RestRefusal invalid(String message) {
        return new RestRefusal(400, "invalid", message);
    }

    static RestRefusal notFound(String entity) {
        return new RestRefusal(404, "notFound", "Not found: " + entity);
    }

    int status() {
        return status;
    }

    JsonObject body() {
        JsonObject error = new JsonObject()
                .put("message", getMessage())
                .put("domain", "global")
                .put("reason", reason);
        return new JsonObject()
                .put(
                        "error",
                        new JsonObject()
                                .put("code", status)
                                .put("message", getMessage())
                                .put("errors", new JsonArray().add(error)));
    }
}
