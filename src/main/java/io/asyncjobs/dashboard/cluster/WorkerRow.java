package io.asyncjobs.dashboard.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A worker process on a page, from what its node wrote with its last heartbeat. */
public record WorkerRow(long pid, String mode, String state, boolean warming, int inFlight, Instant startedAt) {

    static List<WorkerRow> of(ObjectMapper json, String workers) {
        List<WorkerRow> rows = new ArrayList<>();
        try {
            json.readTree(workers)
                    .forEach(worker -> rows.add(new WorkerRow(
                            worker.path("pid").asLong(),
                            worker.path("mode").asText(),
                            worker.path("state").asText(),
                            worker.path("warming").asBoolean(),
                            worker.path("inFlight").asInt(),
                            Instant.parse(worker.path("startedAt").asText()))));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("What nodes write of their workers is JSON", e);
        }
        return rows;
    }
}
