package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.job.JobFilter;
import io.asyncjobs.job.JobHealth;
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

    @QueryParam("show")
    @DefaultValue("all")
    JobHealth part;

    @QueryParam("q")
    @DefaultValue("")
    String text;

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
        return JobFilter.of(orNull(text), orNull(user));
    }

    @Nullable
    String wantedOutcome() {
        return orNull(outcome);
    }

    /** With filter and order, without the page. */
    Address address() {
        return of(part).with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size())
                .with("sort", sort.equals(BY_NAME) ? null : sort);
    }

    /** The same filter on another part of the jobs. */
    Address of(JobHealth other) {
        return Address.of(Shell.Section.JOBS.path())
                .with("show", other == JobHealth.ALL ? null : key(other))
                .with("q", text)
                .with("user", user)
                .with("outcome", outcome);
    }

    public String part() {
        return key(part);
    }

    public String text() {
        return text;
    }

    public String user() {
        return user;
    }

    public String outcome() {
        return outcome;
    }

    public String sort() {
        return sort.equals(BY_NAME) ? "" : sort;
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
        return new Address(LiveJobsPage.PATH, here.parameters());
    }

    public int size() {
        return page.size();
    }

    /** Whether anything but the part leaves jobs out. */
    public boolean filters() {
        return !text.isBlank() || !user.isBlank() || !outcome.isBlank();
    }

    /** Whether one of the filters that phones fold is in use. */
    public boolean filtersMore() {
        return !user.isBlank() || !outcome.isBlank() || size() != PageRequest.DEFAULT_SIZE;
    }

    static String key(JobHealth part) {
        return part.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable String orNull(String text) {
        return text.isBlank() ? null : text.strip();
    }
}
