package io.asyncjobs.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.script.HostCallException;
import io.asyncjobs.script.HostFunctions;
import io.asyncjobs.script.LogLine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one run's script may ask of the service. */
final class RunHostFunctions implements HostFunctions {

    private final Consumer<LogLine> log;
    private final RunState state;
    private final ObjectMapper json;

    RunHostFunctions(Consumer<LogLine> log, RunState state, ObjectMapper json) {
        this.log = log;
        this.state = state;
        this.json = json;
    }

    @Override
    public void log(LogLine line) {
        log.accept(line);
    }

    @Override
    public CompletionStage<@Nullable String> call(String function, String argumentsJson) {
        try {
            JsonNode arguments = json.readTree(argumentsJson);
            return CompletableFuture.completedFuture(
                    switch (function) {
                        case "state.get" -> state.get(key(arguments));
                        case "state.set" -> {
                            state.set(key(arguments), json.writeValueAsString(arguments.path(1)));
                            yield null;
                        }
                        case "state.delete" -> Boolean.toString(state.delete(key(arguments)));
                        case "state.keys" -> json.writeValueAsString(state.keys());
                        default -> throw new HostCallException("There is no function " + function);
                    });
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The worker sent arguments that are no JSON", e);
        }
    }

    private static String key(JsonNode arguments) {
        if (!arguments.path(0).isTextual()) {
            throw new HostCallException("A state key must be a string");
        }
        return arguments.path(0).textValue();
    }
}
