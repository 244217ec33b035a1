package com.barnebys.analytics.sink.bigquery;

import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.cloud.ServiceOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * As whom BA speaks to BigQuery, and in which project.
 *
 * @param credentials null: with none, for an emulator
 */
record Login(@Nullable GoogleCredentials credentials, String projectId) {
    /** Tables, insertAll and the Storage Write API need no more. */
    private static final List<String> SCOPES = List.of("https://www.googleapis.com/auth/bigquery");

    /**
     * Finds both; may ask the disk and the metadata server, and takes seconds where there is neither key nor server.
     *
     * @throws ServiceException with the setting to look at, never with a key
     */
    static Login of(BigQueryOptions options) throws ServiceException {
        GoogleCredentials credentials = options.emulator().isPresent() ? null : credentials(options);
        return new Login(credentials, projectId(options, credentials));
    }

    private static GoogleCredentials credentials(BigQueryOptions options) throws ServiceException {
        BigQueryOptions.Identity identity = options.credentials().orElse(null);
        GoogleCredentials credentials;
        if (identity instanceof BigQueryOptions.ServiceAccount account) {
            credentials = serviceAccount(account);
        } else if (identity instanceof BigQueryOptions.CredentialsFile file) {
            credentials = file(file.path());
        } else {
            credentials = applicationDefault();
        }
        return credentials.createScopedRequired() ? credentials.createScoped(SCOPES) : credentials;
    }

    private static GoogleCredentials serviceAccount(BigQueryOptions.ServiceAccount account) throws ServiceException {
        try {
            return ServiceAccountCredentials.newBuilder()
                    .setClientEmail(account.clientEmail())
                    .setPrivateKeyString(PrivateKeyText.repaired(account.privateKey()))
                    .build();
        } catch (IllegalArgumentException | IOException e) {
            // Without the cause: who knows what a parser quotes.
            String why = e instanceof IOException ? "not a private key in PKCS#8" : String.valueOf(e.getMessage());
            throw unauthenticated("GCP_CLIENT_PRIVATE_KEY: " + why, null);
        }
    }

    private static GoogleCredentials file(Path path) throws ServiceException {
        try (InputStream in = Files.newInputStream(path)) {
            return GoogleCredentials.fromStream(in);
        } catch (IOException e) {
            throw unauthenticated(
                    "GOOGLE_APPLICATION_CREDENTIALS: " + path + " (expected: a readable JSON file as Google makes it)",
                    e);
        }
    }

    private static GoogleCredentials applicationDefault() throws ServiceException {
        try {
            return GoogleCredentials.getApplicationDefault();
        } catch (IOException e) {
            throw unauthenticated(
                    "no credentials (expected: GCP_CLIENT_EMAIL and GCP_CLIENT_PRIVATE_KEY, or"
                            + " GOOGLE_APPLICATION_CREDENTIALS, or a service account of the machine, or"
                            + " gcloud auth application-default login)",
                    e);
        }
    }

    private static String projectId(BigQueryOptions options, @Nullable GoogleCredentials credentials)
            throws ServiceException {
        String projectId = options.projectId().orElse(null);
        if (projectId == null && credentials != null) {
            projectId = credentials.getProjectId();
            if (projectId == null) {
                projectId = ServiceOptions.getDefaultProjectId();
            }
        }
        if (projectId == null) {
            throw unauthenticated("GCP_PROJECT_ID: empty (expected: a project, since the credentials name none)", null);
        }
        return projectId;
    }

    private static ServiceException unauthenticated(String message, @Nullable Throwable cause) {
        return new ServiceException(Failure.UNAUTHENTICATED, message, cause);
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "Login[" + projectId + "]";
    }
}
