package io.asyncjobs.connection.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.HttpAuthentication;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.testsupport.Fast;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Fast
class CallRetriesTest {

    @Test
    void retry_after_is_honoured_in_both_of_its_forms() {
        assertThat(after(3, "GET", 1, 429, Map.of("retry-after", "7"))).contains(Duration.ofSeconds(7));
        assertThat(after(
                        3,
                        "GET",
                        1,
                        503,
                        Map.of(
                                "retry-after", "Wed, 21 Oct 2026 07:28:10 GMT",
                                "date", "Wed, 21 Oct 2026 07:28:00 GMT")))
                .contains(Duration.ofSeconds(10));
    }

    @Test
    void pauses_grow_with_jitter() {
        for (int sent = 1; sent <= 5; sent++) {
            long most = 200L << (sent - 1);
            assertThat(after(10, "GET", sent, 503, Map.of()).orElseThrow())
                    .isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
        }
    }

    @Test
    void only_idempotent_calls_are_sent_again_and_only_so_often() {
        assertThat(after(null, "GET", 1, 503, Map.of())).isEmpty();
        assertThat(after(2, "POST", 1, 503, Map.of())).isEmpty();
        assertThat(after(2, "PATCH", 1, 503, Map.of())).isEmpty();
        assertThat(after(2, "PUT", 2, 503, Map.of())).isPresent();
        assertThat(after(2, "PUT", 3, 503, Map.of())).isEmpty();
        assertThat(after(2, "GET", 1, 500, Map.of())).isEmpty();
        assertThat(failed("unreachable")).isPresent();
        assertThat(failed("broken")).isPresent();
        assertThat(failed("timeout")).isEmpty();
        assertThat(failed("tls")).isEmpty();
    }

    private static Optional<Duration> failed(String code) {
        return CallRetries.afterFailure(
                settings(2), "GET", 1, new ConnectionCallException(code, "it failed"), new Random(1));
    }

    private static Optional<Duration> after(
            @Nullable Integer retries, String method, int sent, int status, Map<String, String> headers) {
        HttpAnswer answer = new HttpAnswer(status, headers, "", false, null, false, null);
        return CallRetries.afterAnswer(settings(retries), method, sent, answer, new Random(1));
    }

    private static HttpSettings settings(@Nullable Integer retries) {
        HttpAuthentication none =
                new HttpAuthentication(HttpAuthentication.Type.NONE, null, null, null, null, null, null, null);
        return new HttpSettings(
                "http://127.0.0.1", Map.of(), none, 1000, 1000, 1000, 1000, List.of(), null, null, retries, null);
    }
}
