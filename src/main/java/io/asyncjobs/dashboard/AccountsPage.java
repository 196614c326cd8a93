package io.asyncjobs.dashboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.account.AccountDraft;
import io.asyncjobs.account.AccountFilter;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.account.Accounts;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Accounts: the list, each one with its jobs, and what can be done with it. */
@Path("/admin/support")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class AccountsPage {

    private static final String LIST = Shell.Section.ACCOUNTS.path();

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
        } catch (InvalidException | RefusedException e) {
            FormFields form = forms.refused(forms.fresh("account", AccountDraft.class), typed, e);
            return forms.answer(e, Templates.newAccount(shell(), form));
        }
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
        TypedForm typed = new TypedForm(fields);
        try {
            Tagged<AccountView> saved = accounts.replace(username, draft(typed, username), typed.etag());
            return done(username, saved.etag().equals(typed.etag()) ? Notice.UNCHANGED : Notice.SAVED);
        } catch (InvalidException | RefusedException | StaleException e) {
            Tagged<AccountView> now = accounts.get(username);
            AccountForms all = forms(now);
            return refused(now, e, new AccountForms(forms.refused(all.edit(), typed, e), all.transfer(), all.remove()));
        }
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
                .box("active")
                .json();
        if (!username.isEmpty()) {
            json.put("username", username);
        }
        return forms.draft(json, AccountDraft.class);
    }

    private AccountForms forms(Tagged<AccountView> account) {
        return new AccountForms(
                forms.stored("account", AccountDraft.class, account),
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
