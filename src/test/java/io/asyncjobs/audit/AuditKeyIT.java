package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.testsupport.ServiceProcess;
import io.asyncjobs.testsupport.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service with an external database, to which nobody gave a key for the trail, or none that is one. */
class AuditKeyIT {

    @TempDir
    Path folder;

    @Test
    void service_without_a_key_does_not_start_and_says_what_to_set() throws Exception {
        try (ServiceProcess service = ServiceProcess.launchIn(folder.resolve("data"), environment())) {
            assertThat(service.awaitExit()).isEqualTo(1);

            assertThat(service.log())
                    .contains("No key for the audit trail is configured. Set ASYNCJOBS_AUDIT_KEYS to ID:KEY")
                    .contains("openssl rand -base64 32")
                    .doesNotContain("Listening on");
            assertThat(Files.exists(folder.resolve("data/audit.key"))).isFalse();
        }
    }

    @Test
    void service_with_half_a_key_does_not_start_and_does_not_show_it() throws Exception {
        Map<String, String> environment = environment();
        String half = KeyRing.newKey("k1").substring(0, 23);
        environment.put("ASYNCJOBS_AUDIT_KEYS", half);
        try (ServiceProcess service = ServiceProcess.launchIn(folder.resolve("data"), environment)) {
            assertThat(service.awaitExit()).isEqualTo(1);

            assertThat(service.log())
                    .contains("asyncjobs.audit.keys must hold keys as id:key")
                    .doesNotContain(half.substring("k1:".length()))
                    .doesNotContain("Listening on");
        }
    }

    private static Map<String, String> environment() {
        TestDatabase database = TestDatabase.ofThisJvm();
        return new HashMap<>(Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", database.jdbcUrl(),
                "QUARKUS_DATASOURCE_USERNAME", database.username(),
                "QUARKUS_DATASOURCE_PASSWORD", database.password()));
    }
}
