package io.asyncjobs.schedule;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.asyncjobs.script.WorkerView;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A node as an operator sees it. */
@Schema(name = "Node", description = "A process of the service, with what it holds")
public record NodeView(
        @Schema(description = "New with each start") UUID id,

        @Schema(description = "Host name and process id", examples = "jobs-0-4711")
        String name,

        @Schema(description = "Whether this is the node that answers")
        boolean self,

        Instant startedAt,

        @Schema(description = "When it was last heard of") Instant heartbeatAt,

        @Schema(description = "When it stopped or was found to be lost; null while it lives") @Nullable
        Instant endedAt,

        @Schema(
                description = "Whether it stopped in order or was lost; null while it lives",
                enumeration = {"stopped", "lost"})
        @Nullable
        String endReason,

        @Schema(
                description = "Its worker processes at its last heartbeat; none once it has ended",
                type = SchemaType.ARRAY,
                implementation = WorkerView.class)
        @JsonRawValue
        String workers,

        @Schema(description = "The runs whose leases it holds")
        List<HeldRun> runs) {

    public NodeView {
        runs = List.copyOf(runs);
    }

    /** A run that a node holds the lease of. */
    @Schema(name = "HeldRun", description = "A run that goes on")
    public record HeldRun(UUID runId, UUID jobId, String jobName, Instant scheduledFor) {}
}
