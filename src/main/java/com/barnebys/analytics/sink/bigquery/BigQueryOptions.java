package com.barnebys.analytics.sink.bigquery;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the rows go and as whom.
 *
 * @param projectId empty: the credentials' or the metadata server's
 * @param credentials empty: Application Default Credentials
 * @param emulator plaintext, without credentials, when there is one
 * @param createsDataset whether a missing dataset is created
 * @param location where it then lies: {@code US}, {@code EU}, {@code europe-north1}
 * @param partitionsTables whether tables it creates are partitioned by day of the timestamp, clustered by programId
 */
public record BigQueryOptions(
        Optional<String> projectId,
        String datasetId,
        DeliveryMode mode,
        Optional<Identity> credentials,
        Optional<Emulator> emulator,
        boolean createsDataset,
        String location,
        boolean partitionsTables) {

    /** As whom, where the settings say it. */
    public sealed interface Identity {}

    /**
     * A key given by settings.
     *
     * @param privateKey PEM; literal {@code \n} and quotes around it, as secret stores make them, are repaired
     */
    public record ServiceAccount(String clientEmail, String privateKey) implements Identity {
        /** Without the key. */
        @Override
        public String toString() {
            return "ServiceAccount[" + clientEmail + "]";
        }
    }

    /** JSON as Google makes it: a service account's key, a user's login, or a federation with another cloud. */
    public record CredentialsFile(Path path) implements Identity {}

    /**
     * Somebody's emulator, or a test's fake.
     *
     * @param restUrl {@code http://host:port}
     * @param grpcAddress {@code host:port}
     */
    public record Emulator(String restUrl, String grpcAddress) {}
}
