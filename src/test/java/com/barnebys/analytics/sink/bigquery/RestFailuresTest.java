package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponseException;
import com.google.auth.Retryable;
import com.google.cloud.bigquery.BigQueryException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RestFailuresTest {
    // spotless:off
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "400 | invalid            | Invalid table ID \"a b\".                                  | INVALID",
        "400 | invalid            | no such field: hasUTMTag.                                  | INVALID",
        "400 | invalid            | Request payload size exceeds the limit: 10485760 bytes.    | TOO_LARGE",
        "400 | invalid            | too many rows present in the request, limit: 50000         | TOO_LARGE",
        "401 | authError          | Invalid Credentials                                        | UNAUTHENTICATED",
        "403 | accessDenied       | Access Denied: Table p:d.click: Permission denied          | PERMISSION_DENIED",
        "403 | billingNotEnabled  | Billing has not been enabled                               | PERMISSION_DENIED",
        "403 | rateLimitExceeded  | Exceeded rate limits: too many table update operations     | QUOTA",
        "403 | quotaExceeded      | Quota exceeded: Your table exceeded quota for imports      | QUOTA",
        "404 | notFound           | Not found: Dataset p:d                                     | NOT_FOUND",
        "409 | duplicate          | Already Exists: Table p:d.click                            | OTHER",
        "412 | conditionNotMet    | Precondition check failed.                                 | OTHER",
        "413 | uploadTooLarge     | Request Entity Too Large                                   | TOO_LARGE",
        "429 | rateLimitExceeded  | Too many requests                                          | QUOTA",
        "429 |                    | Too many requests                                          | QUOTA",
        "500 | internalError      | An internal error occurred                                 | CONNECTION",
        "502 | badGateway         | Bad Gateway                                                | CONNECTION",
        "503 | backendError       | Error encountered during execution. Retrying may solve it. | CONNECTION",
    })
    // spotless:on
    void anAnswerIsSortedTheSameFromBothClients(int status, String reason, String message, Failure expected) {
        GoogleJsonResponseException withoutRetries = answer(status, reason, message);
        BigQueryException withRetries = new BigQueryException(withoutRetries);

        for (Exception e : List.of(withoutRetries, withRetries)) {
            ServiceException sorted = RestFailures.of("table click", e);

            assertThat(sorted.failure()).isEqualTo(expected);
            assertThat(sorted).hasMessage("table click: " + message).hasCause(e);
        }
    }

    static Stream<Arguments> withoutAnswer() {
        return Stream.of(
                Arguments.of(new ConnectException("Connection refused"), Failure.CONNECTION),
                Arguments.of(new UnknownHostException("bigquery.googleapis.com"), Failure.CONNECTION),
                Arguments.of(new SSLHandshakeException("no trust"), Failure.CONNECTION),
                Arguments.of(new SocketTimeoutException("Read timed out"), Failure.TIMEOUT),
                Arguments.of(new IOException("wrapped", new SocketTimeoutException("x")), Failure.TIMEOUT),
                Arguments.of(
                        new IOException("Error getting access token", new LoginRefused(false)),
                        Failure.UNAUTHENTICATED),
                Arguments.of(new LoginRefused(true), Failure.CONNECTION));
    }

    @ParameterizedTest
    @MethodSource("withoutAnswer")
    void noAnswerIsSortedByItsCause(IOException e, Failure expected) {
        assertThat(RestFailures.of("table click", e).failure()).isEqualTo(expected);
        assertThat(RestFailures.of("table click", new BigQueryException(e)).failure())
                .isEqualTo(expected);
    }

    @Test
    void aPageOfHtmlIsSortedByItsStatusAndNotQuotedWhole() {
        String page = "<html>\n" + "<p>Bad Gateway</p>\n".repeat(1000);
        HttpResponseException e = new HttpResponseException.Builder(502, "Bad Gateway", new HttpHeaders())
                .setContent(page)
                .setMessage(page.replace("\n", ""))
                .build();

        ServiceException sorted = RestFailures.of("table click", e);

        assertThat(sorted.failure()).isEqualTo(Failure.CONNECTION);
        assertThat(sorted.getMessage()).hasSizeLessThan(400).doesNotContain("\n");
    }

    @Test
    void whatIsNoFailureOfTheCallIsSortedAsOther() {
        assertThat(RestFailures.of("table click", new IllegalArgumentException("key error"))
                        .failure())
                .isEqualTo(Failure.OTHER);
        assertThat(RestFailures.of("table click", new BigQueryException(0, "who knows"))
                        .failure())
                .isEqualTo(Failure.OTHER);
    }

    private static GoogleJsonResponseException answer(int status, String reason, String message) {
        GoogleJsonError error = new GoogleJsonError();
        error.setCode(status);
        error.setMessage(message);
        if (reason != null) {
            GoogleJsonError.ErrorInfo info = new GoogleJsonError.ErrorInfo();
            info.setReason(reason);
            info.setMessage(message);
            error.setErrors(List.of(info));
        }
        return new GoogleJsonResponseException(
                new HttpResponseException.Builder(status, "status", new HttpHeaders()), error);
    }

    /** As the token server's answers come out of Google's credentials. */
    private static final class LoginRefused extends IOException implements Retryable {
        private static final long serialVersionUID = 1L;
        private final boolean isRetryable;

        private LoginRefused(boolean isRetryable) {
            super("400 Bad Request: invalid_grant", new IOException("cause"));
            this.isRetryable = isRetryable;
        }

        @Override
        public boolean isRetryable() {
            return isRetryable;
        }

        @Override
        public int getRetryCount() {
            return 0;
        }
    }
}
