package io.asyncjobs.run.state;

import io.asyncjobs.job.Jobs;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.security.Caller;
import jakarta.inject.Singleton;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What callers can do with what scripts keep, for the API and for pages; the caller is named here. */
@Singleton
public class StateOperations {

    private final Jobs jobs;
    private final JobStates states;
    private final Caller caller;

    StateOperations(Jobs jobs, JobStates states, Caller caller) {
        this.jobs = jobs;
        this.states = states;
        this.caller = caller;
    }

    /** A page of the keys with their values, by key unless asked otherwise. */
    public PageView<StateEntryView> list(String idOrName, PageRequest page) {
        JobStates.Found found = states.list(jobs.idOf(idOrName), page);
        return PageView.of(page, found.entries(), found.total());
    }

    /** The value with that key; {@link UnknownException} when there is none. */
    public StateEntryView get(String idOrName, String key) {
        return states.find(jobs.idOf(idOrName), key).orElseThrow(() -> unknown(key));
    }

    /** Sets the value, which is any JSON that a script can read. */
    public StateEntryView set(String idOrName, String key, JsonValue value, @Nullable String reason) {
        UUID id = jobs.idOf(idOrName);
        StrictJson.requireForScripts(value.json(), "value");
        states.set(id, key, value.json().toString(), caller.name(), reason);
        return states.find(id, key).orElseThrow(() -> unknown(key));
    }

    /** Removes the value with that key; {@link UnknownException} when there is none. */
    public void delete(String idOrName, String key, @Nullable String reason) {
        if (!states.delete(jobs.idOf(idOrName), key, caller.name(), reason)) {
            throw unknown(key);
        }
    }

    private static UnknownException unknown(String key) {
        return new UnknownException("The job's state has no key '" + key + "'.");
    }
}
