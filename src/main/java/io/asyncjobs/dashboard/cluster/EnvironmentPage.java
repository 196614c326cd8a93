package io.asyncjobs.dashboard.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.dashboard.shell.Wording;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.DatabaseServer;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.run.retention.HistoryConfig;
import io.asyncjobs.setting.SettingDraft;
import io.asyncjobs.setting.SettingView;
import io.asyncjobs.setting.Settings;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What this environment is, and the system setting; the one page that stays while the component is switched off. */
@Path("/admin/support/environment")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class EnvironmentPage {

    private static final String PATH = Shell.Section.ENVIRONMENT.path();

    /**
     * What is known of the service and its surroundings.
     *
     * @param history how long runs are kept
     * @param aheadMillis how far this machine's clock is before the database's; negative when it is behind
     */
    public record Facts(String version, String java, String database, HistoryConfig history, long aheadMillis) {

        /** The difference in words. */
        public String clock() {
            Duration difference = Duration.ofMillis(Math.abs(aheadMillis));
            return difference.toMillis() < 50
                    ? "no difference"
                    : Wording.rough(difference) + (aheadMillis > 0 ? " ahead" : " behind");
        }
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance environment(Shell shell, Facts facts, SettingView setting, FormFields form);
    }

    private final Shells shells;
    private final Forms forms;
    private final Settings settings;
    private final DatabaseServer database;
    private final DatabaseClock clock;
    private final HistoryConfig history;
    private final String version;

    EnvironmentPage(
            Shells shells,
            Forms forms,
            Settings settings,
            DatabaseServer database,
            DatabaseClock clock,
            HistoryConfig history,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.shells = shells;
        this.forms = forms;
        this.settings = settings;
        this.database = database;
        this.clock = clock;
        this.history = history;
        this.version = version;
    }

    @GET
    public TemplateInstance show() {
        Tagged<SettingView> setting = settings.get();
        return page(setting, forms.reason("setting", setting.etag()));
    }

    /** Switches the component on or off. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response save(MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            ObjectNode draft = typed.texts("reason").box("enabled").json();
            Tagged<SettingView> saved = settings.replace(forms.draft(draft, SettingDraft.class), typed.etag());
            Notice notice = saved.body().enabled() ? Notice.SWITCHED_ON : Notice.SWITCHED_OFF;
            return Address.seeOther(Address.of(PATH).with("done", notice.key()).toString())
                    .build();
        } catch (InvalidException | RefusedException | StaleException e) {
            Tagged<SettingView> now = settings.get();
            return forms.answer(e, page(now, forms.refused(forms.reason("setting", now.etag()), typed, e)));
        }
    }

    private TemplateInstance page(Tagged<SettingView> setting, FormFields form) {
        long ahead = Duration.between(clock.now(), Instant.now()).toMillis();
        Facts facts = new Facts(version, Runtime.version().toString(), database.version(), history, ahead);
        return Templates.environment(shells.of(Shell.Section.ENVIRONMENT), facts, setting.body(), form);
    }
}
