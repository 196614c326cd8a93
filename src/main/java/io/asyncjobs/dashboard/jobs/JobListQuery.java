package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.job.ArchivedFilter;
import io.asyncjobs.job.JobFilter;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.schedule.RunOutcome;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The query of the list of jobs. */
@SuppressWarnings("NullAway.Init") // Set by the framework
public class JobListQuery {

    private static final String BY_NAME = "name";
    private static final List<String> OUTCOMES = Stream.concat(
                    Stream.of("running"), Stream.of(RunOutcome.values()).map(RunOutcome::wireName))
            .toList();
    private static final List<Integer> SIZES = List.of(20, 50, 100, 200, 500);

    @QueryParam("q")
    @DefaultValue("")
    String text;

    @QueryParam("archived")
    @DefaultValue("any")
    ArchivedFilter archived;

    @QueryParam("user")
    @DefaultValue("")
    String user;

    @QueryParam("outcome")
    @DefaultValue("")
    String outcome;

    @QueryParam("sort")
    @DefaultValue(BY_NAME)
    String sort;

    @BeanParam
    PageRequest page;

    JobFilter filter() {
        return new JobFilter(archived.archived(), null, orNull(user), orNull(text), orNull(outcome));
    }

    /** With filter and order, without the page. */
    Address address() {
        return Address.of(Shell.Section.JOBS.path())
                .with("q", text)
                .with("archived", archived == ArchivedFilter.ANY ? null : archived())
                .with("user", user)
                .with("outcome", outcome)
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size())
                .with("sort", sort.equals(BY_NAME) ? null : sort);
    }

    public String text() {
        return text;
    }

    public String archived() {
        return archived.name().toLowerCase(Locale.ROOT);
    }

    public String user() {
        return user;
    }

    public String outcome() {
        return outcome;
    }

    /** What the last outcome may be filtered by. */
    public List<String> outcomes() {
        return OUTCOMES;
    }

    /** How many rows a page may have. */
    public List<Integer> sizes() {
        return SIZES;
    }

    /** Where what changes in this list is told. */
    Address live() {
        Address here = address().with("page", page.page() == 0 ? null : page.page());
        return new Address(here.path() + "/live", here.parameters());
    }

    public int size() {
        return page.size();
    }

    /** Whether anything is left out. */
    public boolean filters() {
        return !text.isBlank() || archived != ArchivedFilter.ANY || !user.isBlank() || !outcome.isBlank();
    }

    private static @Nullable String orNull(String text) {
        return text.isBlank() ? null : text.strip();
    }
}
