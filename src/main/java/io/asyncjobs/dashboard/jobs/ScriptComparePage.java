package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.dashboard.shell.JobHead;
import io.asyncjobs.dashboard.shell.JobHeads;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.platform.text.LineEnds;
import io.asyncjobs.platform.text.SideBySide;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.multipart.FormValue;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/** A job's script beside another one: that of another job, of a file, or a text that is pasted. */
@Path("/admin/support/async-jobs/{id}/compare")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class ScriptComparePage {

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance scriptCompare(Shell shell, JobHead head, Compared compared);
    }

    /**
     * What is compared.
     *
     * @param revision of the job; null for the latest
     * @param job the other job, as it was typed
     * @param pasted the text that was pasted
     * @param rows null before anything is compared; empty where both are the same
     * @param fault what keeps it from being compared
     */
    public record Compared(
            @Nullable Integer revision,
            String job,
            String pasted,
            @Nullable List<SideBySide.Row> rows,
            @Nullable String fault) {}

    private final Shells shells;
    private final JobHeads heads;
    private final JobOperations jobs;

    ScriptComparePage(Shells shells, JobHeads heads, JobOperations jobs) {
        this.shells = shells;
        this.heads = heads;
        this.jobs = jobs;
    }

    @GET
    public TemplateInstance show(
            @PathParam("id") String id,
            @QueryParam("revision") @Nullable Integer revision,
            @QueryParam("with") @DefaultValue("") String job) {
        return page(id, job.isEmpty() ? new Compared(revision, "", "", null, null) : withJob(id, revision, job));
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public TemplateInstance compare(@PathParam("id") String id, MultipartFormDataInput parts) {
        String typed = text(parts, "revision");
        Integer revision = typed.matches("[0-9]{1,9}") ? Integer.valueOf(typed) : null;
        String job = text(parts, "with").strip();
        String file = text(parts, "file");
        if (!job.isEmpty()) {
            return page(id, withJob(id, revision, job));
        }
        String own = script(id, revision);
        // A browser sends what is pasted with other line ends; a file comes as it is
        String pasted = text(parts, "text");
        String other = file.isEmpty() ? LineEnds.restored(pasted.replace("\r\n", "\n"), own) : file;
        return page(
                id,
                other.isEmpty()
                        ? new Compared(revision, "", "", null, "Name a job, choose a file or paste a script.")
                        : new Compared(revision, "", file.isEmpty() ? pasted : "", SideBySide.of(own, other), null));
    }

    private Compared withJob(String id, @Nullable Integer revision, String job) {
        try {
            return new Compared(revision, job, "", SideBySide.of(script(id, revision), script(job, null)), null);
        } catch (UnknownException e) {
            return new Compared(revision, job, "", null, String.valueOf(e.getMessage()));
        }
    }

    private String script(String id, @Nullable Integer revision) {
        String script = revision == null
                ? jobs.get(id).body().script()
                : jobs.revision(id, revision).script();
        return Objects.requireNonNullElse(script, "");
    }

    private TemplateInstance page(String id, Compared compared) {
        return Templates.scriptCompare(shells.of(Shell.Section.JOBS), heads.of(id, JobHead.Tab.OVERVIEW), compared);
    }

    private static String text(MultipartFormDataInput parts, String name) {
        Collection<FormValue> values = parts.getValues().getOrDefault(name, List.of());
        for (FormValue value : values) {
            try {
                return value.isFileItem()
                        ? new String(value.getFileItem().getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        : value.getValue();
            } catch (IOException e) {
                throw new UncheckedIOException("The file cannot be read", e);
            }
        }
        return "";
    }
}
