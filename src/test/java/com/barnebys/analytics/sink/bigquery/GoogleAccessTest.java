package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.barnebys.analytics.sink.bigquery.BigQueryOptions.CredentialsFile;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.Emulator;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.Identity;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.ServiceAccount;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.UnaryCallSettings;
import com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.bigquery.BigQuery;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoogleAccessTest {
    private static final Emulator EMULATOR = new Emulator("http://localhost:9050", "localhost:9060");
    private static final String EMAIL = "ba@key-project.iam.gserviceaccount.com";

    private static KeyPair pair;
    private static String pem = "";

    @TempDir
    private Path dir;

    @BeforeAll
    static void makeAKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
        pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    @Test
    void aKeyOfSettingsIsTakenHoweverItsNewlinesArrive() throws Exception {
        for (String newline : List.of("\n", "\\n", "\r\n", " ")) {
            Login login =
                    Login.of(options(new ServiceAccount(EMAIL, '"' + pem.replace("\n", newline) + '"'), "my-project"));

            assertThat(login.credentials()).isInstanceOfSatisfying(ServiceAccountCredentials.class, credentials -> {
                assertThat(credentials.getClientEmail()).isEqualTo(EMAIL);
                assertThat(credentials.getPrivateKey()).isEqualTo(pair.getPrivate());
                assertThat(credentials.getScopes()).containsExactly("https://www.googleapis.com/auth/bigquery");
            });
            assertThat(login.projectId()).isEqualTo("my-project");
            assertThat(login).hasToString("Login[my-project]");
        }
    }

    @Test
    void aKeyThatIsNoneIsNamedAndNotShown() {
        for (String key : List.of("hush", "-----BEGIN PRIVATE KEY-----\naHVzaGh1c2g=\n-----END PRIVATE KEY-----")) {
            ServiceException e = catchThrowableOfType(
                    ServiceException.class, () -> Login.of(options(new ServiceAccount(EMAIL, key), "my-project")));

            assertThat(e.failure()).isEqualTo(Failure.UNAUTHENTICATED);
            assertThat(e).hasMessageStartingWith("GCP_CLIENT_PRIVATE_KEY: ").hasNoCause();
            assertThat(e.getMessage()).doesNotContain("hush", "aHVz");
        }
    }

    @Test
    void aCredentialsFileIsReadAtTheFirstUseAndAgainAfterAFailure() throws Exception {
        Path file = dir.resolve("key.json");
        GoogleAccess access = new GoogleAccess(options(new CredentialsFile(file), null));

        ServiceException e = catchThrowableOfType(ServiceException.class, access::projectId);
        Files.writeString(file, """
                {"type": "service_account", "project_id": "key-project", "client_email": "%s",
                 "private_key": "%s", "private_key_id": "1", "client_id": "2"}""".formatted(EMAIL, pem.replace("\n", "\\n")));

        assertThat(e.failure()).isEqualTo(Failure.UNAUTHENTICATED);
        assertThat(e).hasMessageContainingAll("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
        assertThat(access.projectId()).isEqualTo("key-project");
        assertThat(access.tablePath("click")).isEqualTo("projects/key-project/datasets/tracking/tables/click");
        Files.delete(file);
        assertThat(access.projectId()).isEqualTo("key-project");
        access.forget();
        assertThatExceptionOfType(ServiceException.class).isThrownBy(access::projectId);
    }

    @Test
    void aProjectThatIsSaidGoesBeforeTheOneOfTheCredentials() throws Exception {
        Path file = Files.writeString(dir.resolve("key.json"), """
                {"type": "service_account", "project_id": "key-project", "client_email": "%s",
                 "private_key": "%s", "private_key_id": "1", "client_id": "2"}""".formatted(EMAIL, pem.replace("\n", "\\n")));

        assertThat(new GoogleAccess(options(new CredentialsFile(file), "said")).projectId())
                .isEqualTo("said");
    }

    @Test
    void anEmulatorGetsNoCredentialsAndNoTls() throws Exception {
        GoogleAccess access = new GoogleAccess(emulator("p"));

        BigQuery rest = access.rest();
        BigQueryWriteSettings write = access.writeSettings(null);

        assertThat(rest.getOptions().getHost()).isEqualTo("http://localhost:9050");
        assertThat(rest.getOptions().getCredentials()).isSameAs(NoCredentials.getInstance());
        assertThat(rest.getOptions().getProjectId()).isEqualTo("p");
        assertThat(rest.getOptions().getRetrySettings().getTotalTimeoutDuration())
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(access.rest()).isSameAs(rest);
        assertThat(access.model().getRootUrl()).isEqualTo("http://localhost:9050/");
        assertThat(write.getCredentialsProvider().getCredentials()).isNull();
        assertThat(channel(write).getEndpoint()).isEqualTo("localhost:9060");
        assertThat(channel(write).getChannelConfigurator()).isNotNull();
    }

    @Test
    void anEmulatorWithoutProjectIsAskedForOne() {
        ServiceException e =
                catchThrowableOfType(ServiceException.class, () -> new GoogleAccess(emulator(null)).rest());

        assertThat(e).hasMessageStartingWith("GCP_PROJECT_ID: empty");
    }

    @Test
    void theServiceGetsTlsAndCredentials() throws Exception {
        GoogleAccess access = new GoogleAccess(options(new ServiceAccount(EMAIL, pem), "my-project"));

        BigQueryWriteSettings write = access.writeSettings(null);

        assertThat(access.model().getRootUrl()).isEqualTo("https://bigquery.googleapis.com/");
        assertThat(write.getCredentialsProvider().getCredentials()).isInstanceOf(ServiceAccountCredentials.class);
        assertThat(channel(write).getEndpoint()).isNull();
        assertThat(write.getEndpoint()).isEqualTo("bigquerystorage.googleapis.com:443");
        assertThat(channel(write).getChannelConfigurator()).isNull();
    }

    @Test
    void aClientOfAStreamCarriesTheHeaderTheServiceRoutesBy() throws Exception {
        GoogleAccess access = new GoogleAccess(emulator("p"));

        assertThat(access.writeSettings("projects/p/datasets/d/tables/t/streams/s1")
                        .getHeaderProvider()
                        .getHeaders())
                .isEqualTo(Map.of(
                        "x-goog-request-params",
                        "write_stream=projects%2Fp%2Fdatasets%2Fd%2Ftables%2Ft%2Fstreams%2Fs1"));
        assertThat(access.writeSettings(null).getHeaderProvider().getHeaders()).isEmpty();
    }

    @Test
    void callsEndAndDeadConnectionsAreNoticed() throws Exception {
        BigQueryWriteSettings write = new GoogleAccess(emulator("p")).writeSettings(null);

        for (UnaryCallSettings<?, ?> call : List.of(
                write.createWriteStreamSettings(),
                write.getWriteStreamSettings(),
                write.finalizeWriteStreamSettings())) {
            boolean isMaking = call == write.createWriteStreamSettings(); // takes 25 s where a project makes many
            RetrySettings retry = call.getRetrySettings();
            assertThat(retry.getTotalTimeoutDuration()).isEqualTo(Duration.ofSeconds(isMaking ? 45 : 30));
            assertThat(retry.getInitialRpcTimeoutDuration()).isEqualTo(Duration.ofSeconds(isMaking ? 45 : 10));
            assertThat(retry.getMaxRpcTimeoutDuration()).isEqualTo(Duration.ofSeconds(isMaking ? 45 : 10));
            assertThat(retry.getInitialRetryDelayDuration()).isEqualTo(Duration.ofMillis(200));
            assertThat(retry.getMaxRetryDelayDuration()).isEqualTo(Duration.ofSeconds(5));
        }
        InstantiatingGrpcChannelProvider.Builder channel = channel(write);
        assertThat(channel.getKeepAliveTimeDuration()).isEqualTo(Duration.ofSeconds(60));
        assertThat(channel.getKeepAliveTimeoutDuration()).isEqualTo(Duration.ofSeconds(20));
        assertThat(channel.getKeepAliveWithoutCalls()).isTrue();
    }

    private static InstantiatingGrpcChannelProvider.Builder channel(BigQueryWriteSettings settings) {
        return ((InstantiatingGrpcChannelProvider) settings.getTransportChannelProvider()).toBuilder();
    }

    private static BigQueryOptions options(Identity identity, String project) {
        return new BigQueryOptions(
                Optional.ofNullable(project),
                "tracking",
                DeliveryMode.EXACTLY_ONCE,
                Optional.of(identity),
                Optional.empty(),
                false,
                "US",
                true);
    }

    private static BigQueryOptions emulator(String project) {
        return new BigQueryOptions(
                Optional.ofNullable(project),
                "tracking",
                DeliveryMode.EXACTLY_ONCE,
                Optional.empty(),
                Optional.of(EMULATOR),
                false,
                "US",
                true);
    }
}
