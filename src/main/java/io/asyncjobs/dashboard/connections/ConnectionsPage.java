package io.asyncjobs.dashboard.connections;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.connection.ConnectionDraft;
import io.asyncjobs.connection.ConnectionKind;
import io.asyncjobs.connection.ConnectionTestView;
import io.asyncjobs.connection.ConnectionTests;
import io.asyncjobs.connection.ConnectionView;
import io.asyncjobs.connection.Connections;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.dashboard.form.Editing;
import io.asyncjobs.dashboard.form.FormFields;
import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.form.TypedForm;
import io.asyncjobs.dashboard.shell.Address;
import io.asyncjobs.dashboard.shell.ListQuery;
import io.asyncjobs.dashboard.shell.Notice;
import io.asyncjobs.dashboard.shell.Shell;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.dashboard.shell.Wording;
import io.asyncjobs.job.ConnectionJobsView;
import io.asyncjobs.job.ConnectionUses;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.DomainException;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.shape.RecordShape;
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
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;
import org.jspecify.annotations.Nullable;

/** Connections: the list, each one without its secret, and what can be done with it. */
@Path("/admin/support")
@Produces(MediaType.TEXT_HTML)
@Blocking
public class ConnectionsPage {

    private static final String LIST = Shell.Section.CONNECTIONS.path();
    private static final String HEADERS = "http.headers";
    private static final String REDACT = "http.redact";
    private static final String SECRETS = "secrets";
    /** The name of the secret that is typed beside it. */
    private static final String SECRET_NAME = "secretName";

    private static final String AUTHENTICATION = "http.authentication.";

    /** The fields that others may change too. */
    private static final List<String> EDITED = RecordShape.of(ConnectionDraft.class).leaves().entrySet().stream()
            .filter(field -> !field.getValue().secret() && !field.getKey().equals("reason"))
            .map(Map.Entry::getKey)
            .toList();

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance connections(
                Shell shell, ConnectionListQuery query, ListQuery list, List<ConnectionRow> rows);

        static native TemplateInstance newConnection(Shell shell, boolean http, FormFields form);

        static native TemplateInstance connection(
                Shell shell,
                ConnectionRow row,
                ConnectionJobsView uses,
                @Nullable ConnectionTestView tested,
                FormFields edit,
                FormFields remove);
    }

    private final Shells shells;
    private final Forms forms;
    private final Connections connections;
    private final ConnectionTests tests;
    private final ConnectionUses uses;

    ConnectionsPage(Shells shells, Forms forms, Connections connections, ConnectionTests tests, ConnectionUses uses) {
        this.tests = tests;
        this.uses = uses;
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
        String name = typed.value("name");
        try {
            Tagged<ConnectionView> created =
                    connections.put(name, draft(typed, kind), null, "*").tagged();
            return done(created.body().name(), Notice.CONNECTION_CREATED);
        } catch (StaleException e) {
            Violation taken = new Violation("name", "is taken. " + e.getMessage());
            return newConnection(kind, typed, e, allFaults(name, true, typed, kind, List.of(taken)));
        } catch (InvalidException e) {
            return newConnection(kind, typed, e, allFaults(name, true, typed, kind, e.violations()));
        } catch (RefusedException e) {
            return newConnection(kind, typed, e, e);
        }
    }

    /** What was typed before its reader signed in again. */
    @POST
    @Path("/new-connection/form")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public TemplateInstance createAgain(
            @QueryParam("kind") @DefaultValue("http") ConnectionKind kind, MultipartFormDataInput parts) {
        FormFields form = fresh();
        FormFields kept = forms.kept(form, forms.editing(List.of(), form, TypedForm.of(parts)));
        return Templates.newConnection(shell(), kind == ConnectionKind.HTTP, kept);
    }

    private Response newConnection(
            ConnectionKind kind, TypedForm typed, DomainException failure, DomainException shown) {
        FormFields form = forms.refused(fresh(), typed, shown);
        return forms.answer(failure, Templates.newConnection(shell(), kind == ConnectionKind.HTTP, form));
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
        Tagged<ConnectionView> before = connections.get(name);
        ConnectionKind kind = before.body().kind();
        Editing edit = editing(before, new TypedForm(fields));
        try {
            Tagged<ConnectionView> saved = edit.save(() -> edit(connections.get(name)), typed -> connections
                    .put(name, draft(typed, kind), typed.etag(), null)
                    .tagged());
            boolean unchanged = saved.etag().equals(edit.typed().etag());
            return done(name, unchanged ? Notice.UNCHANGED : edit.isMerged() ? Notice.MERGED : Notice.SAVED);
        } catch (InvalidException e) {
            return notSaved(name, edit, e, allFaults(name, false, edit.typed(), kind, e.violations()));
        } catch (RefusedException | StaleException e) {
            return notSaved(name, edit, e, e);
        }
    }

    /** Tests the connection and shows what came of it. */
    @POST
    @Path("/connections/{name}/test")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public TemplateInstance test(@PathParam("name") String name) {
        ConnectionTestView tested = tests.test(name);
        Tagged<ConnectionView> connection = connections.get(name);
        return page(connection, tested, edit(connection), remove(connection));
    }

    /** What was typed before its reader signed in again. */
    @POST
    @Path("/connections/{name}/form")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public TemplateInstance saveAgain(@PathParam("name") String name, MultipartFormDataInput parts) {
        Tagged<ConnectionView> now = connections.get(name);
        return page(now, forms.kept(edit(now), editing(now, TypedForm.of(parts))), remove(now));
    }

    private Response notSaved(String name, Editing edit, DomainException failure, DomainException shown) {
        Tagged<ConnectionView> now = connections.get(name);
        return forms.answer(failure, page(now, forms.refused(edit(now), edit, shown), remove(now)));
    }

    private Editing editing(Tagged<ConnectionView> connection, TypedForm typed) {
        return forms.editing(EDITED, edit(connection), typed);
    }

    /** What was found, and whatever else would be found once that is mended. */
    private InvalidException allFaults(
            String name, boolean fresh, TypedForm typed, ConnectionKind kind, List<Violation> found) {
        Set<Violation> all = new LinkedHashSet<>(found);
        List<Violation> typing = new ArrayList<>();
        ObjectNode draft = json(typed.again(), kind, typing);
        all.addAll(typing);
        Set<String> faulty = new HashSet<>();
        all.forEach(violation -> faulty.add(violation.field()));
        // Beside a line that is no header there may be headers that cannot be
        faulty.remove(HEADERS);
        all.addAll(connections.faults(name, fresh, draft, faulty));
        List<Violation> said = new ArrayList<>(all);
        forms.requireReason(typed, said);
        return new InvalidException(said);
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
        List<Violation> violations = new ArrayList<>();
        ObjectNode json = json(typed, kind, violations);
        if (!violations.isEmpty()) {
            throw new InvalidException(violations);
        }
        return forms.draft(json, ConnectionDraft.class);
    }

    /** As far as it can be made of what was typed; adds what cannot. */
    private static ObjectNode json(TypedForm typed, ConnectionKind kind, List<Violation> violations) {
        typed.texts("description", "reason", "tls.caCertificate", "tls.clientCertificate", "clientKey");
        if (kind == ConnectionKind.POSTGRESQL) {
            typed.json().putObject("postgresql");
            typed.texts("postgresql.host", "postgresql.database", "postgresql.username", "postgresql.tls", "secret")
                    .numbers("postgresql.port", "postgresql.maxConnections", "postgresql.statementTimeoutMillis");
        } else {
            if (!typed.value(SECRET_NAME).isBlank()) {
                typed.json().putObject(SECRETS).put(typed.value(SECRET_NAME).strip(), typed.value(SECRETS));
            }
            typed.texts("http.baseUrl", "http.proxy", AUTHENTICATION + "type")
                    .numbers(
                            "http.maxConcurrentCalls",
                            "http.callsPerSecond",
                            "http.retries",
                            "http.connectTimeoutMillis",
                            "http.readTimeoutMillis",
                            "http.totalTimeoutMillis",
                            "http.maxResponseBytes");
            switch (typed.value(AUTHENTICATION + "type")) {
                case "basic" -> typed.texts(AUTHENTICATION + "username", "secret");
                case "bearer" -> typed.texts("secret");
                case "header" -> typed.texts(AUTHENTICATION + "header", "secret");
                case "user_token" -> typed.texts(AUTHENTICATION + "audience");
                case "oauth2_client_credentials" ->
                    typed.texts(
                            AUTHENTICATION + "tokenUrl",
                            AUTHENTICATION + "clientId",
                            AUTHENTICATION + "scope",
                            AUTHENTICATION + "audience",
                            AUTHENTICATION + "clientAuthentication",
                            "secret");
                default -> {}
            }
            ObjectNode http = typed.json().withObjectProperty("http");
            http.set("headers", headers(typed.value(HEADERS), violations));
            http.set("redact", names(typed.value(REDACT)));
        }
        return typed.json();
    }

    /** Lines of {@code Name: value}; adds what is wrong with them. */
    private static ObjectNode headers(String lines, List<Violation> violations) {
        ObjectNode headers = JsonNodeFactory.instance.objectNode();
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
        return headers;
    }

    /** Names, one a line. */
    private static ArrayNode names(String lines) {
        ArrayNode names = JsonNodeFactory.instance.arrayNode();
        lines.lines().map(String::strip).filter(name -> !name.isEmpty()).forEach(names::add);
        return names;
    }

    /** A new connection with what it takes unless said; headers and names stand one a line, so that no header is an empty text. */
    private FormFields fresh() {
        FormFields form = forms.fresh("connection", ConnectionDraft.class).with(HEADERS, "");
        String names = HttpSettings.DEFAULT_REDACT.substring(1, HttpSettings.DEFAULT_REDACT.length() - 1);
        return form.with(REDACT, names.replace("\"", "").replace(',', '\n'));
    }

    private FormFields edit(Tagged<ConnectionView> connection) {
        FormFields form = forms.stored("connection", ConnectionDraft.class, connection);
        ConnectionRow row = new ConnectionRow(connection.body());
        HttpSettings http = connection.body().http();
        FormFields filled = http == null
                ? form
                : form.with(
                                HEADERS,
                                row.headers().entrySet().stream()
                                        .map(header -> header.getKey() + ": " + header.getValue())
                                        .collect(Collectors.joining("\n")))
                        .with(REDACT, String.join("\n", http.redact()));
        return filled.sending(EDITED);
    }

    private FormFields remove(Tagged<ConnectionView> connection) {
        return forms.reason("delete", connection.etag());
    }

    private TemplateInstance page(Tagged<ConnectionView> connection, FormFields edit, FormFields remove) {
        return page(connection, null, edit, remove);
    }

    private TemplateInstance page(
            Tagged<ConnectionView> connection,
            @Nullable ConnectionTestView tested,
            FormFields edit,
            FormFields remove) {
        ConnectionView shown = connection.body();
        return Templates.connection(shell(), new ConnectionRow(shown), uses.of(shown.name()), tested, edit, remove);
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
