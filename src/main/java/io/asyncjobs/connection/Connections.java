package io.asyncjobs.connection;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.platform.http.EntityTags;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.StaleException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/** What can be done with connections. Each call is a transaction of its own or joins the caller's. */
@ApplicationScoped
public class Connections {

    private static final Map<String, String> SORTABLE =
            Map.of("name", "nameKey", "kind", "kind", "createdAt", "createdAt", "updatedAt", "updatedAt");

    /** What a PUT came to. */
    public record Saved(Tagged<ConnectionView> tagged, boolean created) {}

    private final ConnectionRepository repository;
    private final ConnectionChecker checker;
    private final SecretKeeper keeper;
    private final StoredSettings stored;
    private final DatabaseClock clock;
    private final Caller caller;
    private final ConnectionChanges changes;
    private final DraftFaults faults;

    Connections(
            ConnectionRepository repository,
            ConnectionChecker checker,
            SecretKeeper keeper,
            StoredSettings stored,
            DatabaseClock clock,
            Caller caller,
            ConnectionChanges changes,
            DraftFaults faults) {
        this.repository = repository;
        this.checker = checker;
        this.keeper = keeper;
        this.stored = stored;
        this.clock = clock;
        this.caller = caller;
        this.changes = changes;
        this.faults = faults;
    }

    /**
     * A page of the connections, by name unless asked otherwise.
     *
     * @param text a part of the name or the description, whatever its case
     */
    @Transactional
    public PageView<ConnectionView> list(@Nullable ConnectionKind kind, @Nullable String text, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "name");
        PanacheQuery<Connection> found = repository.list(kind, text, page, order);
        return PageView.of(page, found.stream().map(this::view).toList(), found.count());
    }

    /** All connections by name, each with its tag. */
    @Transactional
    public List<Tagged<ConnectionView>> all() {
        return repository.listAll(Sort.by("nameKey")).stream().map(this::tagged).toList();
    }

    /**
     * What a PUT would come to.
     *
     * @param http the settings as they would be kept; null for the other kind
     * @param postgresql likewise
     * @param tls null for none
     * @param secrets which ones it would have
     * @param draft the same without the secrets that are stored already
     */
    public record Preview(
            @Nullable HttpSettings http,
            @Nullable PostgresqlSettings postgresql,
            @Nullable TlsSettings tls,
            SecretsState secrets,
            ConnectionDraft draft) {}

    /**
     * What {@link #put} would come to; changes nothing.
     *
     * @throws InvalidException with what is wrong with the draft, also where its secret is missing
     */
    @Transactional
    public Preview preview(String name, ConnectionDraft draft) {
        String fault = Name.fault(name);
        if (fault != null) {
            throw new InvalidException("name", fault);
        }
        ConnectionSettings settings = checker.check(draft);
        Connection present = repository.findByName(name).orElse(null);
        keeper.require(present, draft, settings);
        ConnectionDraft other = keeper.withoutStored(present, draft, settings);
        return new Preview(
                settings.http(),
                settings.postgresql(),
                settings.tls(),
                SecretsState.after(present, other, settings),
                other);
    }

    /** The connection of that name, with the tag that a change of it names. */
    @Transactional
    public Tagged<ConnectionView> get(String name) {
        return tagged(repository.findByName(name).orElseThrow(() -> unknown(name)));
    }

    /**
     * Creates or replaces.
     *
     * @param ifMatch needed to replace; with it nothing is created
     * @param ifNoneMatch {@code *} says that nothing is to be replaced
     */
    @Transactional
    public Saved put(String name, ConnectionDraft draft, @Nullable String ifMatch, @Nullable String ifNoneMatch) {
        String fault = Name.fault(name);
        if (fault != null) {
            throw new InvalidException("name", fault);
        }
        ConnectionSettings settings = checker.check(draft);
        Optional<Connection> found = repository.findForUpdate(name);
        if (found.isEmpty()) {
            if (ifMatch != null && !ifMatch.isBlank()) {
                throw new StaleException("If-Match names a state, but there is no connection named " + name + ".");
            }
            return new Saved(tagged(create(Name.of(name), draft, settings)), true);
        }
        Connection connection = found.get();
        if (ifNoneMatch != null && EntityTags.isKnown(ifNoneMatch, etag(connection))) {
            throw new StaleException("There is a connection named " + connection.name + " already.");
        }
        EntityTags.requireMatch(ifMatch, etag(connection));
        ObjectNode before = ConnectionChanges.state(connection);
        keeper.require(connection, draft, settings);
        take(connection, draft, settings);
        if (changes.replaced(connection, before, draft)) {
            connection.updatedAt = clock.now();
            connection.updatedBy = caller.name();
            repository.flush();
        }
        return new Saved(tagged(connection), false);
    }

    /**
     * All that is wrong with a draft, for a form that says everything at once.
     *
     * @param fresh whether it is to be created
     * @param known paths of which faults are known already; of them nothing is said
     */
    @Transactional
    public List<Violation> faults(String name, boolean fresh, ObjectNode draft, Set<String> known) {
        List<Violation> violations =
                new ArrayList<>(faults.of(name, draft, fresh ? null : get(name).body(), known));
        if (fresh && !known.contains("name") && repository.findByName(name).isPresent()) {
            violations.add(new Violation("name", "is taken. There is a connection named " + name + " already."));
        }
        return violations;
    }

    /** Scripts that call it fail from then on. */
    @Transactional
    public void delete(String name, @Nullable String reason, @Nullable String ifMatch) {
        Connection connection = repository.findForUpdate(name).orElseThrow(() -> unknown(name));
        EntityTags.requireMatch(ifMatch, etag(connection));
        repository.delete(connection);
        changes.deleted(connection, reason);
    }

    private Connection create(Name name, ConnectionDraft draft, ConnectionSettings settings) {
        keeper.require(null, draft, settings);
        Instant now = clock.now();
        Connection connection = new Connection();
        connection.id = UuidV7.at(now);
        connection.name = name.text();
        connection.nameKey = name.key();
        connection.createdAt = now;
        connection.createdBy = caller.name();
        take(connection, draft, settings);
        connection.updatedAt = now;
        connection.updatedBy = caller.name();
        try {
            repository.persistAndFlush(connection);
        } catch (ConstraintViolationException e) {
            // Somebody else was faster between the look and the insert
            if (Objects.equals(e.getConstraintName(), "connection_name_unique")) {
                throw new StaleException("There is a connection named " + name.text() + " already.");
            }
            throw e;
        }
        changes.created(connection, draft.reason());
        return connection;
    }

    private void take(Connection connection, ConnectionDraft draft, ConnectionSettings settings) {
        keeper.take(connection, draft, settings);
        connection.kind = settings.kind();
        connection.description = draft.description();
        connection.settings = stored.write(settings);
        connection.tls = stored.writeTls(settings);
    }

    private Tagged<ConnectionView> tagged(Connection connection) {
        return new Tagged<>(view(connection), etag(connection));
    }

    private ConnectionView view(Connection connection) {
        ConnectionSettings settings = stored.find(connection).orElse(null);
        return new ConnectionView(
                connection.id,
                connection.name,
                connection.kind,
                connection.description,
                connection.sealedSecret != null,
                StoredSecrets.names(connection.namedSecrets),
                settings == null ? null : settings.tls(),
                connection.sealedClientKey != null,
                CertificateView.of(settings == null ? null : settings.tls()),
                settings == null ? null : settings.http(),
                settings == null ? null : settings.postgresql(),
                settings == null,
                connection.createdAt,
                connection.createdBy,
                connection.updatedAt,
                connection.updatedBy);
    }

    private static String etag(Connection connection) {
        // With a part of the id: a connection that is made anew under an old name has other tags
        return EntityTags.strong(
                "%08x-%d".formatted((int) connection.id.getLeastSignificantBits(), connection.version));
    }

    private static UnknownException unknown(String name) {
        return new UnknownException("There is no connection named " + name + ".");
    }
}
