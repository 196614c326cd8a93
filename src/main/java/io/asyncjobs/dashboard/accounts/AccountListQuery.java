package io.asyncjobs.dashboard.accounts;

import io.asyncjobs.account.AccountFilter;
import io.asyncjobs.account.AccountKind;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.platform.http.PageRequest;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The query of the list of accounts. */
@SuppressWarnings("NullAway.Init") // Set by the framework
public class AccountListQuery {

    private static final String BY_USERNAME = "username";

    @QueryParam("q")
    @DefaultValue("")
    String text;

    @QueryParam("active")
    @Nullable
    Boolean active;

    @QueryParam("kind")
    @Nullable
    AccountKind kind;

    @QueryParam("sort")
    @DefaultValue(BY_USERNAME)
    String sort;

    @BeanParam
    PageRequest page;

    AccountFilter filter() {
        return new AccountFilter(active, kind, text.isBlank() ? null : text);
    }

    /** With filter and order, without the page. */
    Address address() {
        return Address.of(Shell.Section.ACCOUNTS.path())
                .with("q", text)
                .with("active", active)
                .with("kind", kind())
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size())
                .with("sort", sort.equals(BY_USERNAME) ? null : sort);
    }

    public String text() {
        return text;
    }

    /** {@code true}, {@code false}, or empty for all. */
    public String active() {
        return active == null ? "" : active.toString();
    }

    /** A kind, or empty for all. */
    public String kind() {
        return kind == null ? "" : kind.name().toLowerCase(Locale.ROOT);
    }

    /** Whether anything is left out. */
    public boolean filters() {
        return !text.isBlank() || active != null || kind != null;
    }
}
