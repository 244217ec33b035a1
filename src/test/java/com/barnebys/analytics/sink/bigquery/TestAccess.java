package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.bigquery.BigQueryOptions.Emulator;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import java.util.Optional;

/** The way to a fake, for project {@code p} and dataset {@code d}. */
final class TestAccess {
    static {
        GoogleLogging.install();
    }

    private TestAccess() {}

    static GoogleAccess to(FakeBigQuery fake, DeliveryMode mode) {
        return to(fake.restUrl(), fake.grpcAddress(), mode);
    }

    static GoogleAccess to(String restUrl, String grpcAddress, DeliveryMode mode) {
        return new GoogleAccess(new BigQueryOptions(
                Optional.of("p"),
                "d",
                mode,
                Optional.empty(),
                Optional.of(new Emulator(restUrl, grpcAddress)),
                false,
                "US",
                false));
    }
}
