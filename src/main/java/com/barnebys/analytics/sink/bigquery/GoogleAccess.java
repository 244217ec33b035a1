package com.barnebys.analytics.sink.bigquery;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.gax.core.FixedCredentialsProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.FixedHeaderProvider;
import com.google.api.services.bigquery.Bigquery;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.bigquery.BigQuery;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteSettings;
import com.google.cloud.http.HttpTransportOptions;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes Google's clients for the options: the one place that knows credentials, endpoints and time limits.
 *
 * <p>Nothing is read and nobody is asked before the first use, so BA starts with BigQuery away or its key wrong. A
 * failure is not kept: the next use tries again. Any thread; the first use blocks for the disk and, in search of
 * credentials or project, for the metadata server.
 *
 * <p>Plaintext is tied to the emulator: gRPC refuses to send credentials without TLS ({@code Credentials require channel
 * with PRIVACY_AND_INTEGRITY}), and nobody should be able to ask for it.
 */
final class GoogleAccess {
    private static final String APPLICATION = "barnebys-analytics";
    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 30_000;

    /** By default the clients retry for up to 20 minutes (CreateWriteStream); the lane wants to know earlier. */
    private static final RetrySettings RETRY = RetrySettings.newBuilder()
            .setInitialRetryDelayDuration(Duration.ofMillis(200))
            .setRetryDelayMultiplier(2)
            .setMaxRetryDelayDuration(Duration.ofSeconds(5))
            .setInitialRpcTimeoutDuration(Duration.ofSeconds(10))
            .setRpcTimeoutMultiplier(1)
            .setMaxRpcTimeoutDuration(Duration.ofSeconds(10))
            .setTotalTimeoutDuration(Duration.ofSeconds(30))
            .build();

    /**
     * Making a stream takes 25 s and more where a project makes many (BigQuery's page of quotas: above 40 to 50 a second).
     * Given up before, it is made all the same, and never used: each try would leave one, and count.
     */
    private static final RetrySettings CREATE_RETRY = RETRY.toBuilder()
            .setInitialRpcTimeoutDuration(Duration.ofSeconds(45))
            .setMaxRpcTimeoutDuration(Duration.ofSeconds(45))
            .setTotalTimeoutDuration(Duration.ofSeconds(45))
            .build();

    private final BigQueryOptions options;
    private @Nullable Login login;
    private @Nullable BigQuery rest;
    private @Nullable Bigquery model;

    GoogleAccess(BigQueryOptions options) {
        this.options = options;
    }

    BigQueryOptions options() {
        return options;
    }

    String projectId() throws ServiceException {
        return login().projectId();
    }

    /** {@code projects/p/datasets/d/tables/t}, as the Storage Write API names it. */
    String tablePath(String table) throws ServiceException {
        return "projects/" + projectId() + "/datasets/" + options.datasetId() + "/tables/" + table;
    }

    /** The client of insertAll; tries again by itself for 30 s. One for all. */
    synchronized BigQuery rest() throws ServiceException {
        if (rest == null) {
            rest = makeRest(login());
        }
        return rest;
    }

    /** The client of {@link TableService}: Google's model of the REST API as it is, without retries. One for all. */
    synchronized Bigquery model() throws ServiceException {
        if (model == null) {
            model = makeModel(login());
        }
        return model;
    }

    /**
     * Settings of a client of the Storage Write API. The service routes AppendRows by a header that Google's StreamWriter leaves out
     * (bigquerystorage 3.38: built, then not used; seen on the wire), so the client of a lane carries it in every call. The
     * unary calls make that header themselves: they are for a client without a stream.
     *
     * @param stream what the client appends to; null for creating, finalizing and looking at streams
     */
    BigQueryWriteSettings writeSettings(@Nullable String stream) throws ServiceException {
        Login as = login();
        try {
            BigQueryWriteSettings.Builder settings = BigQueryWriteSettings.newBuilder();
            settings.setTransportChannelProvider(channel());
            GoogleCredentials credentials = as.credentials();
            settings.setCredentialsProvider(
                    credentials == null
                            ? NoCredentialsProvider.create()
                            : FixedCredentialsProvider.create(credentials));
            if (stream != null) {
                settings.setHeaderProvider(FixedHeaderProvider.create(
                        "x-goog-request-params", "write_stream=" + URLEncoder.encode(stream, StandardCharsets.UTF_8)));
            }
            settings.createWriteStreamSettings().setRetrySettings(CREATE_RETRY);
            settings.getWriteStreamSettings().setRetrySettings(RETRY);
            settings.finalizeWriteStreamSettings().setRetrySettings(RETRY);
            return settings.build();
        } catch (IOException e) {
            throw new ServiceException(Failure.OTHER, "Storage Write settings: " + e.getMessage(), e);
        }
    }

    /** StreamWriter sets a keepalive only on clients it makes itself. */
    private InstantiatingGrpcChannelProvider channel() {
        InstantiatingGrpcChannelProvider.Builder channel = BigQueryWriteSettings.defaultGrpcTransportProviderBuilder()
                .setKeepAliveTimeDuration(Duration.ofSeconds(60))
                .setKeepAliveTimeoutDuration(Duration.ofSeconds(20))
                .setKeepAliveWithoutCalls(true);
        options.emulator()
                .ifPresent(emulator -> channel.setEndpoint(emulator.grpcAddress())
                        .setChannelConfigurator(builder -> builder.usePlaintext()));
        return channel.build();
    }

    /**
     * Reads credentials anew at the next use, and makes new clients with them: those that were refused may have been
     * replaced, in their file say.
     */
    synchronized void forget() {
        login = null;
        rest = null;
        model = null;
    }

    private synchronized Login login() throws ServiceException {
        if (login == null) {
            login = Login.of(options);
        }
        return login;
    }

    private BigQuery makeRest(Login as) {
        com.google.cloud.bigquery.BigQueryOptions.Builder builder =
                com.google.cloud.bigquery.BigQueryOptions.newBuilder()
                        .setTransportOptions(HttpTransportOptions.newBuilder()
                                .setConnectTimeout(CONNECT_MILLIS)
                                .setReadTimeout(READ_MILLIS)
                                .build());
        GoogleCredentials credentials = as.credentials();
        builder.setProjectId(as.projectId())
                .setRetrySettings(RETRY)
                .setCredentials(credentials == null ? NoCredentials.getInstance() : credentials);
        options.emulator().ifPresent(emulator -> builder.setHost(emulator.restUrl()));
        return builder.build().getService();
    }

    private Bigquery makeModel(Login as) {
        GoogleCredentials credentials = as.credentials();
        HttpRequestInitializer identity = credentials == null ? request -> {} : new HttpCredentialsAdapter(credentials);
        Bigquery.Builder builder = new Bigquery.Builder(
                        new NetHttpTransport(), GsonFactory.getDefaultInstance(), request -> {
                            identity.initialize(request);
                            request.setConnectTimeout(CONNECT_MILLIS).setReadTimeout(READ_MILLIS);
                        })
                .setApplicationName(APPLICATION);
        options.emulator().ifPresent(emulator -> builder.setRootUrl(emulator.restUrl()));
        return builder.build();
    }
}
