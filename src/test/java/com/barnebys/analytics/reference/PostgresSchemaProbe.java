package com.barnebys.analytics.reference;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import java.io.IOException;

/** One try to bring the tables up to date, or to connect at all, with its outcome. */
final class PostgresSchemaProbe {
    private PostgresSchemaProbe() {}

    static Future<Void> migrate(Vertx vertx, PostgresUrl url) throws IOException {
        Pool pool =
                PgBuilder.pool().connectingTo(url.connectOptions()).using(vertx).build();
        return PostgresSchema.migrate(pool)
                .recover(e -> Future.failedFuture(new PostgresFailures(url).sorted(e)))
                .eventually(pool::close);
    }
}
