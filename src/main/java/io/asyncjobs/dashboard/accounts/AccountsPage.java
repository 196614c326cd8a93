package io.asyncjobs.dashboard.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.AccountDraft;
import io.asyncjobs.account.AccountFilter;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.account.Accounts;
import io.asyncjobs.dashboard.form.Editing;
import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.JobRow;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.dashboard.shell.Wording;
import io.asyncjobs.job.JobOperations;
import io.asyncjobs.job.JobSummary;
import io.asyncjobs.job.TransferDraft;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.Violation;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;

/** Accounts: the list, each one with its jobs, and what can be done with it. */
@Path("/admin/support")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class AccountsPage {

    private static final String LIST = Shell.Section.ACCOUNTS.path();
    private static final String ACTIVE = "active";

    /** The fields that others may change too. */
    private static final List<String> EDITED = List.of("displayName", "kind", "email", ACTIVE);

    /**
     * The forms of an account's page; those that were not sent are as the account is.
     *
     * @param edit everything but the name
     * @param transfer to whom its jobs go
     * @param remove why it is deleted
     */
    public record AccountForms(FormFields edit, FormFields transfer, FormFields remove) {}

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance accounts(
                Shell shell, AccountListQuery query, ListQuery list, List<AccountRow> rows);

        static native TemplateInstance newAccount(Shell shell, FormFields form);

        static native TemplateInstance account(
                Shell shell,
                AccountRow row,
                AccountForms forms,
                Accounts.Dependents dependents,
                ListQuery list,
                List<JobRow> jobs,
                List<String> others);
    }

    private final Shells shells;
    private final Forms forms;
    private final Accounts accounts;
    private final JobOperations jobs;

    AccountsPage(Shells shells, Forms forms, Accounts accounts, JobOperations jobs) {
        this.shells = shells;
        this.forms = forms;
        this.accounts = accounts;
        this.jobs = jobs;
    }

    @GET
    @Path("/accounts")
    public TemplateInstance list(@BeanParam AccountListQuery query) {
        PageView<AccountView> shown = accounts.list(query.filter(), query.page);
        Map<UUID, Long> counts =
                accounts.jobs(shown.items().stream().map(AccountView::id).toList());
        return Templates.accounts(
                shell(),
                query,
                ListQuery.of(query.address(), query.sort, shown),
                shown.items().stream()
                        .map(account -> new AccountRow(account, counts.getOrDefault(account.id(), 0L)))
                        .toList());
    }

    /** Beside the accounts and not among them, where one may have any name. */
    @GET
    @Path("/new-account")
    public TemplateInstance ask() {
        return Templates.newAccount(shell(), forms.fresh("account", AccountDraft.class));
    }

    @POST
    @Path("/new-account")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            AccountView created =
                    accounts.create(draft(typed, typed.value("username"))).body();
            return done(created.username(), Notice.ACCOUNT_CREATED);
        } catch (RefusedException e) {
            boolean exists = e.reason().equals("account-exists");
            Violation taken = new Violation("username", "is taken. " + e.getMessage());
            return newAccount(typed, e, exists ? new InvalidException(faults(typed, List.of(taken))) : e);
        } catch (InvalidException e) {
            return newAccount(typed, e, new InvalidException(faults(typed, e.violations())));
        }
    }

    /** What was typed before its reader signed in again. */
    @POST
    @Path("/new-account/form")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public TemplateInstance createAgain(MultipartFormDataInput parts) {
        FormFields form = forms.fresh("account", AccountDraft.class);
        return Templates.newAccount(shell(), forms.kept(form, forms.editing(List.of(), form, boxed(parts))));
    }

    private Response newAccount(TypedForm typed, DomainException failure, DomainException shown) {
        FormFields form = forms.refused(forms.fresh("account", AccountDraft.class), typed.withBoxes(ACTIVE), shown);
        return forms.answer(failure, Templates.newAccount(shell(), form));
    }

    /** With what would be said once those are mended. */
    private List<Violation> faults(TypedForm typed, List<Violation> found) {
        List<Violation> all = new ArrayList<>(found);
        String username = typed.value("username");
        boolean said = found.stream().anyMatch(fault -> fault.field().equals("username"));
        if (!said && accounts.exists(username)) {
            all.add(new Violation("username", "is taken. There is an account named " + username.strip() + " already."));
        }
        forms.requireReason(typed, all);
        return all;
    }

    @GET
    @Path("/accounts/{username}")
    public TemplateInstance show(@PathParam("username") String username, @BeanParam PageRequest page) {
        Tagged<AccountView> account = accounts.get(username);
        return page(account, page, forms(account));
    }

    @POST
    @Path("/accounts/{username}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response save(@PathParam("username") String username, MultivaluedMap<String, String> fields) {
        Tagged<AccountView> before = accounts.get(username);
        Editing edit = editing(before, new TypedForm(fields).withBoxes(ACTIVE));
        try {
            Tagged<AccountView> saved = edit.save(
                    () -> forms(accounts.get(username)).edit(),
                    typed -> accounts.replace(username, draft(typed, username), typed.etag()));
            boolean unchanged = saved.etag().equals(edit.typed().etag());
            return done(username, unchanged ? Notice.UNCHANGED : edit.isMerged() ? Notice.MERGED : Notice.SAVED);
        } catch (InvalidException e) {
            List<Violation> all = new ArrayList<>(e.violations());
            forms.requireReason(edit.typed(), all);
            return notSaved(username, edit, e, new InvalidException(all));
        } catch (RefusedException | StaleException e) {
            return notSaved(username, edit, e, e);
        }
    }

    /** What was typed before its reader signed in again. */
    @POST
    @Path("/accounts/{username}/form")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public TemplateInstance saveAgain(@PathParam("username") String username, MultipartFormDataInput parts) {
        Tagged<AccountView> account = accounts.get(username);
        AccountForms all = forms(account);
        FormFields kept = forms.kept(all.edit(), editing(account, boxed(parts)));
        return page(account, new PageRequest(), new AccountForms(kept, all.transfer(), all.remove()));
    }

    private Response notSaved(String username, Editing edit, DomainException failure, DomainException shown) {
        Tagged<AccountView> now = accounts.get(username);
        AccountForms all = forms(now);
        AccountForms again = new AccountForms(forms.refused(all.edit(), edit, shown), all.transfer(), all.remove());
        return refused(now, failure, again);
    }

    private Editing editing(Tagged<AccountView> account, TypedForm typed) {
        return forms.editing(EDITED, forms(account).edit(), typed);
    }

    private static TypedForm boxed(MultipartFormDataInput parts) {
        return TypedForm.of(parts).withBoxes(ACTIVE);
    }

    @POST
    @Path("/accounts/{username}/transfer")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response transfer(@PathParam("username") String username, MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            jobs.transfer(username, forms.draft(typed.texts("to", "reason").json(), TransferDraft.class));
            return done(username, Notice.TRANSFERRED);
        } catch (InvalidException | RefusedException e) {
            Tagged<AccountView> now = accounts.get(username);
            AccountForms all = forms(now);
            return refused(now, e, new AccountForms(all.edit(), forms.refused(all.transfer(), typed, e), all.remove()));
        }
    }

    @POST
    @Path("/accounts/{username}/delete")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response delete(@PathParam("username") String username, MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            accounts.delete(username, forms.reason(typed), typed.etag());
            return Address.seeOther(Address.of(LIST)
                            .with("done", Notice.ACCOUNT_DELETED.key())
                            .toString())
                    .build();
        } catch (InvalidException | RefusedException | StaleException e) {
            Tagged<AccountView> now = accounts.get(username);
            AccountForms all = forms(now);
            return refused(now, e, new AccountForms(all.edit(), all.transfer(), forms.refused(all.remove(), typed, e)));
        }
    }

    private AccountDraft draft(TypedForm typed, String username) {
        ObjectNode json = typed.texts("displayName", "kind", "email", "reason")
                .box(ACTIVE)
                .json();
        if (!username.isEmpty()) {
            json.put("username", username);
        }
        return forms.draft(json, AccountDraft.class);
    }

    private AccountForms forms(Tagged<AccountView> account) {
        return new AccountForms(
                forms.stored("account", AccountDraft.class, account).sending(EDITED),
                forms.fresh("transfer", TransferDraft.class),
                forms.reason("delete", account.etag()));
    }

    private Response refused(Tagged<AccountView> now, DomainException failure, AccountForms shown) {
        return forms.answer(failure, page(now, new PageRequest(), shown));
    }

    private TemplateInstance page(Tagged<AccountView> tagged, PageRequest page, AccountForms shown) {
        AccountView account = tagged.body();
        PageView<JobSummary> acting = jobs.ofAccount(account.username(), page);
        Accounts.Dependents dependents = accounts.dependents(account.username());
        Address here = Address.of(pathOf(account.username()));
        return Templates.account(
                shell(),
                new AccountRow(account, dependents.count().jobs()),
                shown,
                dependents,
                ListQuery.of(here, "name", acting),
                acting.items().stream().map(job -> new JobRow(job, List.of())).toList(),
                others(account));
    }

    /** Who could take over. */
    private List<String> others(AccountView account) {
        return accounts
                .list(new AccountFilter(true, null, null), PageRequest.of(0, PageRequest.MAX_SIZE, null))
                .items()
                .stream()
                .map(AccountView::username)
                .filter(username -> !username.equals(account.username()))
                .toList();
    }

    private Shell shell() {
        return shells.of(Shell.Section.ACCOUNTS);
    }

    private static String pathOf(String username) {
        return LIST + "/" + Wording.segment(username);
    }

    private static Response done(String username, Notice notice) {
        return Address.seeOther(
                        Address.of(pathOf(username)).with("done", notice.key()).toString())
                .build();
    }
}
