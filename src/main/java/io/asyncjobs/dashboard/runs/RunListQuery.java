package io.asyncjobs.dashboard.runs;

import io.asyncjobs.dashboard.form.UtcInput;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.schedule.RunOutcome;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The query of the list of a job's runs. */
@SuppressWarnings("NullAway.Init") // Set by the framework
public class RunListQuery {

    private static final List<String> OUTCOMES =
            Stream.of(RunOutcome.values()).map(RunOutcome::wireName).toList();

    @QueryParam("outcome")
    @Nullable
    RunOutcome outcome;

    @QueryParam("from")
    @DefaultValue("")
    String from;

    @QueryParam("to")
    @DefaultValue("")
    String to;

    @BeanParam
    PageRequest page;

    @Nullable
    Instant fromInstant() {
        return UtcInput.parse("from", from);
    }

    @Nullable
    Instant toInstant() {
        return UtcInput.parse("to", to);
    }

    /** With the filter, without the page. */
    Address address(String path) {
        return Address.of(path)
                .with("outcome", outcome())
                .with("from", from())
                .with("to", to())
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size());
    }

    /** Where what changes in this list is told. */
    Address live(String path) {
        Address here = address(path).with("page", page.page() == 0 ? null : page.page());
        return new Address(path + "/live", here.parameters());
    }

    public String outcome() {
        return outcome == null ? "" : outcome.wireName();
    }

    /** What the outcome may be filtered by. */
    public List<String> outcomes() {
        return OUTCOMES;
    }

    public String from() {
        return UtcInput.format(fromInstant());
    }

    public String to() {
        return UtcInput.format(toInstant());
    }

    public int size() {
        return page.size();
    }

    /** Whether anything is left out. */
    public boolean filters() {
        return outcome != null || !from.isBlank() || !to.isBlank();
    }
}
