package io.asyncjobs.run.host;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.asyncjobs.job.JobSnapshot;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.UUID;

/** What a script sees as {@code job}, {@code run} and {@code user}. */
public final class ScriptContext {

    private static final JsonFactory JSON = new JsonFactory();

    private ScriptContext() {}

    /** A JSON object with the three. */
    public static String of(JobSnapshot job, UUID run, Instant scheduledFor, String trigger) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("job");
            json.writeStringField("id", job.jobId().toString());
            json.writeStringField("name", job.name());
            json.writeNumberField("revision", job.revision());
            json.writeStringField("md5", job.script().md5());
            json.writeEndObject();
            json.writeObjectFieldStart("run");
            json.writeStringField("id", run.toString());
            json.writeStringField("scheduledFor", scheduledFor.toString());
            json.writeStringField("trigger", trigger);
            json.writeEndObject();
            JobSnapshot.User user = job.user();
            if (user == null) {
                json.writeNullField("user");
            } else {
                json.writeObjectFieldStart("user");
                json.writeStringField("username", user.username());
                json.writeStringField("displayName", user.displayName());
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
