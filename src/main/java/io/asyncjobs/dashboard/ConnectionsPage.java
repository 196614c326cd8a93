package io.asyncjobs.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.connection.ConnectionKind;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.Connections;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.Violation;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Connections: the list, each one without its secret, and what can be done with it. */
@Path("/admin/support")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class ConnectionsPage {

    private static final String LIST = Shell.Section.CONNECTIONS.path();
    private static final String HEADERS = "http.headers";
    private static final String REDACT = "http.redact";
    private static final String AUTHENTICATION = "http.authentication.";

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance connections(
                Shell shell, ConnectionListQuery query, ListQuery list, List<ConnectionRow> rows);

        static native TemplateInstance newConnection(Shell shell, boolean http, FormFields form);

        static native TemplateInstance connection(Shell shell, ConnectionRow row, FormFields edit, FormFields remove);
    }

    private final Shells shells;
    private final Forms forms;
    private final Connections connections;

    ConnectionsPage(Shells shells, Forms forms, Connections connections) {
        this.shells = shells;
        this.forms = forms;
        this.connections = connections;
    }

    @GET
    @Path("/connections")
    public TemplateInstance list(@BeanParam ConnectionListQuery query) {
        PageView<ConnectionView> shown = connections.list(query.kind, query.searched(), query.page);
        return Templates.connections(
                shell(),
                query,
                ListQuery.of(query.address(), query.sort, shown),
                shown.items().stream().map(ConnectionRow::new).toList());
    }

    /** Beside the connections and not among them, where one may have any name. */
    @GET
    @Path("/new-connection")
    public TemplateInstance ask(@QueryParam("kind") @DefaultValue("http") ConnectionKind kind) {
        return Templates.newConnection(shell(), kind == ConnectionKind.HTTP, fresh());
    }

    @POST
    @Path("/new-connection")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(
            @QueryParam("kind") @DefaultValue("http") ConnectionKind kind, MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            Tagged<ConnectionView> created = connections
                    .put(typed.value("name"), draft(typed, kind), null, "*")
                    .tagged();
            return done(created.body().name(), Notice.CONNECTION_CREATED);
        } catch (InvalidException | RefusedException | StaleException e) {
            FormFields form = forms.refused(fresh(), typed, e);
            return forms.answer(e, Templates.newConnection(shell(), kind == ConnectionKind.HTTP, form));
        }
    }

    @GET
    @Path("/connections/{name}")
    public TemplateInstance show(@PathParam("name") String name) {
        Tagged<ConnectionView> connection = connections.get(name);
        return page(connection, edit(connection), remove(connection));
    }

    @POST
    @Path("/connections/{name}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response save(@PathParam("name") String name, MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        ConnectionKind kind = connections.get(name).body().kind();
        try {
            Tagged<ConnectionView> saved = connections
                    .put(name, draft(typed, kind), typed.etag(), null)
                    .tagged();
            return done(name, saved.etag().equals(typed.etag()) ? Notice.UNCHANGED : Notice.SAVED);
        } catch (InvalidException | RefusedException | StaleException e) {
            Tagged<ConnectionView> now = connections.get(name);
            return forms.answer(e, page(now, forms.refused(edit(now), typed, e), remove(now)));
        }
    }

    @POST
    @Path("/connections/{name}/delete")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response delete(@PathParam("name") String name, MultivaluedMap<String, String> fields) {
        TypedForm typed = new TypedForm(fields);
        try {
            connections.delete(name, forms.reason(typed), typed.etag());
            return Address.seeOther(Address.of(LIST)
                            .with("done", Notice.CONNECTION_DELETED.key())
                            .toString())
                    .build();
        } catch (InvalidException | RefusedException | StaleException e) {
            Tagged<ConnectionView> now = connections.get(name);
            return forms.answer(e, page(now, edit(now), forms.refused(remove(now), typed, e)));
        }
    }

    /** What the form of that kind shows; what its authentication does not use is hidden there, and left aside here. */
    private ConnectionDraft draft(TypedForm typed, ConnectionKind kind) {
        typed.texts("description", "reason");
        if (kind == ConnectionKind.POSTGRESQL) {
            typed.texts("postgresql.host", "postgresql.database", "postgresql.username", "postgresql.tls", "secret")
                    .numbers("postgresql.port", "postgresql.maxConnections", "postgresql.statementTimeoutMillis");
        } else {
            typed.texts("http.baseUrl", AUTHENTICATION + "type")
                    .numbers(
                            "http.connectTimeoutMillis",
                            "http.readTimeoutMillis",
                            "http.totalTimeoutMillis",
                            "http.maxResponseBytes");
            switch (typed.value(AUTHENTICATION + "type")) {
                case "basic" -> typed.texts(AUTHENTICATION + "username", "secret");
                case "bearer" -> typed.texts("secret");
                case "header" -> typed.texts(AUTHENTICATION + "header", "secret");
                case "user_token" -> typed.texts(AUTHENTICATION + "audience");
                default -> {}
            }
            ObjectNode http = typed.json().withObjectProperty("http");
            http.set("headers", headers(typed.value(HEADERS)));
            http.set("redact", names(typed.value(REDACT)));
        }
        return forms.draft(typed.json(), ConnectionDraft.class);
    }

    /** Lines of {@code Name: value}. */
    private static ObjectNode headers(String lines) {
        ObjectNode headers = JsonNodeFactory.instance.objectNode();
        List<Violation> violations = new ArrayList<>();
        for (String line : lines.split("\n")) {
            int colon = line.indexOf(':');
            String name = line.substring(0, Math.max(0, colon)).strip();
            if (line.isBlank()) {
                continue;
            }
            if (colon < 0) {
                violations.add(new Violation(HEADERS, "must be one a line, each as Name: value"));
            } else if (headers.has(name)) {
                violations.add(new Violation(HEADERS, "must name none more than once: " + name));
            } else {
                headers.put(name, line.substring(colon + 1).strip());
            }
        }
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        return headers;
    }

    /** Names, one a line. */
    private static ArrayNode names(String lines) {
        ArrayNode names = JsonNodeFactory.instance.arrayNode();
        lines.lines().map(String::strip).filter(name -> !name.isEmpty()).forEach(names::add);
        return names;
    }

    /** With the names that are there at first, as they are typed. */
    private FormFields fresh() {
        FormFields form = forms.fresh("connection", ConnectionDraft.class);
        String names = HttpSettings.DEFAULT_REDACT.substring(1, HttpSettings.DEFAULT_REDACT.length() - 1);
        return form.with(REDACT, names.replace("\"", "").replace(',', '\n'));
    }

    private FormFields edit(Tagged<ConnectionView> connection) {
        FormFields form = forms.stored("connection", ConnectionDraft.class, connection);
        ConnectionRow row = new ConnectionRow(connection.body());
        HttpSettings http = connection.body().http();
        return http == null
                ? form
                : form.with(
                                HEADERS,
                                row.headers().entrySet().stream()
                                        .map(header -> header.getKey() + ": " + header.getValue())
                                        .collect(Collectors.joining("\n")))
                        .with(REDACT, String.join("\n", http.redact()));
    }

    private FormFields remove(Tagged<ConnectionView> connection) {
        return forms.reason("delete", connection.etag());
    }

    private TemplateInstance page(Tagged<ConnectionView> connection, FormFields edit, FormFields remove) {
        return Templates.connection(shell(), new ConnectionRow(connection.body()), edit, remove);
    }

    private Shell shell() {
        return shells.of(Shell.Section.CONNECTIONS);
    }

    private static Response done(String name, Notice notice) {
        return Address.seeOther(Address.of(LIST + "/" + Wording.segment(name))
                        .with("done", notice.key())
                        .toString())
                .build();
    }
}
