package io.asyncjobs.dashboard.connections;

import io.asyncjobs.connection.ConnectionKind;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.platform.http.PageRequest;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The query of the list of connections. */
@SuppressWarnings("NullAway.Init") // Set by the framework
public class ConnectionListQuery {

    private static final String BY_NAME = "name";

    @QueryParam("q")
    @DefaultValue("")
    String text;

    @QueryParam("kind")
    @Nullable
    ConnectionKind kind;

    @QueryParam("sort")
    @DefaultValue(BY_NAME)
    String sort;

    @BeanParam
    PageRequest page;

    /** With filter and order, without the page. */
    Address address() {
        return Address.of(Shell.Section.CONNECTIONS.path())
                .with("q", text)
                .with("kind", kind())
                .with("size", page.size() == PageRequest.DEFAULT_SIZE ? null : page.size())
                .with("sort", sort.equals(BY_NAME) ? null : sort);
    }

    @Nullable
    String searched() {
        return text.isBlank() ? null : text;
    }

    public String text() {
        return text;
    }

    /** A kind, or empty for all. */
    public String kind() {
        return kind == null ? "" : kind.name().toLowerCase(Locale.ROOT);
    }

    /** Whether anything is left out. */
    public boolean filters() {
        return !text.isBlank() || kind != null;
    }
}
