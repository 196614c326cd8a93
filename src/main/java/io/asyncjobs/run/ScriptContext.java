package io.asyncjobs.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.job.JobSnapshot;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.UUID;

/** What a script sees as {@code job}, {@code run} and {@code user}. */
@Singleton
class ScriptContext {

    private final ObjectMapper json;

    ScriptContext(ObjectMapper json) {
        this.json = json;
    }

    /** A JSON object with the three. */
    String of(JobSnapshot job, UUID run, Instant scheduledFor, String trigger) {
        ObjectNode context = json.createObjectNode();
        context.putObject("job")
                .put("id", job.jobId().toString())
                .put("name", job.name())
                .put("revision", job.revision())
                .put("md5", job.script().md5());
        context.putObject("run")
                .put("id", run.toString())
                .put("scheduledFor", scheduledFor.toString())
                .put("trigger", trigger);
        JobSnapshot.User user = job.user();
        if (user == null) {
            context.putNull("user");
        } else {
            context.putObject("user").put("username", user.username()).put("displayName", user.displayName());
        }
        try {
            return json.writeValueAsString(context);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of texts can be written", e);
        }
    }
}
