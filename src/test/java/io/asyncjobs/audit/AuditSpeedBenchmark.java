package io.asyncjobs.audit;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusMock;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** Measures, when asked for by name: {@code -Dtest=AuditSpeedBenchmark}. What it prints is in docs/benchmarks.md. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class AuditSpeedBenchmark {

    @Inject
    AuditTrail audit;

    @Inject
    AuditChain chain;

    @Inject
    AuditSeals seals;

    @Inject
    AuditConfig config;

    @Inject
    DatabaseClock clock;

    @Inject
    DataSource database;

    @Inject
    Instance<CurrentVertxRequest> request;

    @Inject
    Jdbi jdbi;

    private final class SwitchedOff extends AuditTrail {

        SwitchedOff() {
            super(database, seals, config, chain, clock, request);
        }

        @Override
        public void record(AuditEntry entry) {}

        @Override
        public void record(Handle handle, List<AuditEntry> entries) {}
    }

    @Test
    void overhead_of_a_put() {
        int number = 0;
        String job = createJob(300, "return 1").getString("id");
        AuditTrail real = new AuditTrail(database, seals, config, chain, clock, request);
        AuditTrail off = new SwitchedOff();
        List<Double> ratios = new ArrayList<>();
        List<Double> millisWith = new ArrayList<>();
        List<Double> millisWithout = new ArrayList<>();
        for (int round = -2; round < 20; round++) {
            double[] millis = new double[2];
            for (int with = 0; with < 2; with++) {
                int which = round % 2 == 0 ? with : 1 - with;
                QuarkusMock.installMockForType(which == 1 ? real : off, AuditTrail.class);
                long begin = System.nanoTime();
                for (int i = 0; i < 150; i++) {
                    put(job, number++);
                }
                millis[which] = (System.nanoTime() - begin) / 1e6 / 150;
            }
            if (round >= 0) {
                ratios.add(millis[1] / millis[0]);
                millisWithout.add(millis[0]);
                millisWith.add(millis[1]);
            }
        }
        System.out.printf(
                "PUT /jobs/{job}: median %.2f ms without, %.2f ms with the trail; median ratio %.3f%n",
                median(millisWithout), median(millisWith), median(ratios));
    }

    @Test
    void events_a_second() throws InterruptedException {
        int events = 20_000;
        long begin = System.nanoTime();
        for (int batch = 0; batch < events / 20; batch++) {
            List<AuditEntry> entries = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                entries.add(AuditEntry.of("edc-sync", "http.post", "connection", "clinical-api")
                        .via(AuditVia.SCRIPT)
                        .with(new Changes(
                                null, "{\"path\":\"/queries/" + i + "/close\",\"body\":{\"reason\":\"stale\"}}"))
                        .ofRun(UUID.randomUUID(), UUID.randomUUID()));
            }
            jdbi.useTransaction(handle -> audit.record(handle, entries));
        }
        double inserted = (System.nanoTime() - begin) / 1e9;
        chain.catchUp();
        double linked = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%d events: told of in %.1f s, linked after %.1f s: %.0f a second%n",
                events, inserted, linked, events / linked);
        long verify = System.nanoTime();
        long verified = api().get("/audit/verify").jsonPath().getLong("events");
        System.out.printf("GET /audit/verify: %d events in %.1f s%n", verified, (System.nanoTime() - verify) / 1e9);
    }

    @Test
    void million_events_in_a_file() throws IOException {
        String key = KeyRing.newKey("bench");
        AuditSeals own = AuditSeals.of(List.of(key), Optional.empty());
        Path file = Path.of("target", "audit-million.ndjson");
        Files.writeString(Path.of("target", "audit-million.key"), key);
        String previous = AuditSeals.GENESIS;
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (int seq = 1; seq <= 1_000_000; seq++) {
                AuditRecord event = new AuditRecord(
                        UUID.randomUUID(),
                        clock.now(),
                        "edc-sync",
                        null,
                        "script",
                        "connection",
                        "clinical-api",
                        "clinical-api",
                        "http.post",
                        null,
                        "{\"path\":\"/queries/" + seq + "/close\",\"body\":{\"reason\":\"stale\"}}",
                        null,
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        "bench");
                String seal = own.seal(event).orElseThrow();
                String hash = own.hash("bench", seq, previous, seal).orElseThrow();
                lines.write(ExportLine.of(new LinkedEvent(seq, event, seal, previous, hash)));
                lines.write('\n');
                previous = hash;
            }
        }
        long begin = System.nanoTime();
        assertThat(ExportCheck.run(file, key, Optional.empty(), false, System.out))
                .isTrue();
        System.out.printf("A million events in %.1f s%n", (System.nanoTime() - begin) / 1e9);
    }

    private static void put(String job, int number) {
        api().header("If-Match", "*")
                .body(Map.of(
                        "name",
                        job.substring(0, 8) + "-measured",
                        "script",
                        "return 1",
                        "pollIntervalSeconds",
                        100 + number % 2,
                        "reason",
                        "measuring"))
                .put("/jobs/{job}", job)
                .then()
                .statusCode(200);
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
