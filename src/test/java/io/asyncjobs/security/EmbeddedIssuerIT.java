package io.asyncjobs.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.ServiceProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedIssuerIT {

    private static final String PROTECTED = "/api/v1/accounts";

    @TempDir
    Path folder;

    @Test
    void a_token_made_before_or_after_the_start_opens_the_api() throws Exception {
        Path data = folder.resolve("data");
        String before = ServiceProcess.token(data, "ada", "superadmin");
        try (ServiceProcess service = ServiceProcess.startIn(data)) {
            assertThat(service.log()).contains("./asyncjobs token --data " + data.toRealPath());
            assertThat(service.get("/q/health/ready").statusCode()).isEqualTo(200);
            assertThat(service.get(PROTECTED).statusCode()).isEqualTo(401);
            assertThat(service.get(PROTECTED, before).statusCode()).isEqualTo(200);
            assertThat(service.get(PROTECTED, ServiceProcess.token(data, "ada", "superadmin"))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(service.get(PROTECTED, ServiceProcess.token(data, "eve", "viewer"))
                            .statusCode())
                    .isEqualTo(403);
            String foreign = ServiceProcess.token(folder.resolve("elsewhere"), "eve", "superadmin");
            assertThat(service.get(PROTECTED, foreign).statusCode()).isEqualTo(401);
            service.terminate();
        }
    }
}
