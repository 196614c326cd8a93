package io.asyncjobs.account;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.audit.AuditEntry;
import io.asyncjobs.audit.AuditTrail;
import io.asyncjobs.audit.Changes;
import io.asyncjobs.platform.DatabaseClock;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.UuidV7;
import io.asyncjobs.platform.http.EntityTags;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.panache.common.Sort;
import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/** What can be done with accounts. Each call is a transaction of its own or joins the caller's. */
@Singleton
public class Accounts {

    private static final Map<String, String> SORTABLE = Map.of(
            "username", "usernameKey",
            "displayName", "displayName",
            "kind", "kind",
            "active", "active",
            "createdAt", "createdAt",
            "updatedAt", "updatedAt");

    /**
     * What depends on an account.
     *
     * @param inUse the jobs that cannot run while it is inactive
     * @param count all that keeps it from being deleted
     */
    public record Dependents(AffectedJobsView inUse, AccountUses.Count count) {

        /** Whether nothing refers to the account. */
        public boolean none() {
            return count.jobs() == 0 && count.revisions() == 0;
        }

        /** How many jobs in use are not listed. */
        public long more() {
            return inUse.total() - inUse.items().size();
        }
    }

    private final AccountRepository repository;
    private final DatabaseClock clock;
    private final Caller caller;
    private final AuditTrail audit;
    private final AccountUses uses;

    Accounts(AccountRepository repository, DatabaseClock clock, Caller caller, AuditTrail audit, AccountUses uses) {
        this.repository = repository;
        this.clock = clock;
        this.caller = caller;
        this.audit = audit;
        this.uses = uses;
    }

    /** The account with that name, if there is one and it is active. */
    @Transactional
    public Optional<Account> requireActive(String username) {
        return repository.findByUsername(username).filter(Account::isActive);
    }

    /** The account with that name, active or not; nobody changes or deletes it until the transaction ends. */
    @Transactional
    public Optional<Account> lock(String username) {
        return repository.findForReference(username);
    }

    /** Whether an account has that name. */
    @Transactional
    public boolean exists(String username) {
        return repository.findByUsername(username).isPresent();
    }

    /** The account with that name, active or not; {@link UnknownException} when there is none. */
    @Transactional
    public Account require(String username) {
        return repository.findByUsername(username).orElseThrow(() -> unknown(username));
    }

    /** A page of the accounts that the filter takes, by username unless asked otherwise. */
    @Transactional
    public PageView<AccountView> list(AccountFilter filter, PageRequest page) {
        PageRequest.Order order = page.checked(SORTABLE, "username");
        PanacheQuery<Account> found = repository.list(filter, page, order);
        return PageView.of(page, found.stream().map(AccountView::of).toList(), found.count());
    }

    /** Whether that is the account that acts where nobody else is named; every environment has it. */
    public static boolean isOfEveryEnvironment(String username) {
        return username.equals(Account.SYSTEM);
    }

    /** All accounts by username, each with its tag. */
    @Transactional
    public List<Tagged<AccountView>> all() {
        return repository.listAll(Sort.by("usernameKey")).stream()
                .map(Accounts::tagged)
                .toList();
    }

    /** The account with that name, with the tag that a change of it names. */
    @Transactional
    public Tagged<AccountView> get(String username) {
        return tagged(require(username));
    }

    /** @throws RefusedException when the name is taken */
    @Transactional
    public Tagged<AccountView> create(AccountDraft draft) {
        Name name = Name.of(draft.username());
        if (repository.findByUsername(draft.username()).isPresent()) {
            throw exists(name);
        }
        Instant now = clock.now();
        Account account = new Account();
        account.id = UuidV7.at(now);
        account.username = name.text();
        account.usernameKey = name.key();
        account.createdAt = now;
        account.createdBy = caller.name();
        take(account, draft);
        account.updatedAt = now;
        account.updatedBy = caller.name();
        try {
            repository.persistAndFlush(account);
        } catch (ConstraintViolationException e) {
            // Somebody else was faster between the look and the insert
            if (Objects.equals(e.getConstraintName(), "account_username_key_unique")) {
                throw exists(name);
            }
            throw e;
        }
        tell("create", account, Changes.between(null, state(account)), draft.reason());
        return tagged(account);
    }

    /** Takes over everything but the name; the answer names the jobs that cannot run for it. */
    @Transactional
    public Tagged<AccountView> replace(String username, AccountDraft draft, @Nullable String ifMatch) {
        Account account = repository.findForUpdate(username).orElseThrow(() -> unknown(username));
        EntityTags.requireMatchIfGiven(ifMatch, etag(account));
        if (!Name.key(draft.username()).equals(account.usernameKey)) {
            throw new InvalidException("username", "must stay " + account.username + "; accounts are never renamed");
        }
        if (account.username.equals(Account.SYSTEM) && (!draft.active() || draft.kind() != AccountKind.SYSTEM)) {
            throw new RefusedException(
                    "account-protected",
                    "The account system acts where nobody else is named: it stays active and a system.");
        }
        ObjectNode before = state(account);
        take(account, draft);
        Changes changes = Changes.between(before, state(account));
        if (!changes.isEmpty()) {
            account.updatedAt = clock.now();
            account.updatedBy = caller.name();
            repository.flush();
            tell("update", account, changes, draft.reason());
        }
        return new Tagged<>(AccountView.of(account, account.active ? null : uses.jobsInUse(account.id)), etag(account));
    }

    /**
     * Removes an account that nothing refers to.
     *
     * @throws RefusedException while something does, and for the account system
     */
    @Transactional
    public void delete(String username, @Nullable String reason, @Nullable String ifMatch) {
        Account account = repository.findAlone(username).orElseThrow(() -> unknown(username));
        EntityTags.requireMatch(ifMatch, etag(account));
        if (account.username.equals(Account.SYSTEM)) {
            throw new RefusedException(
                    "account-protected", "The account system acts where nobody else is named: it is never deleted.");
        }
        AccountUses.Count count = uses.count(account.id);
        if (count.jobs() + count.revisions() > 0) {
            throw new RefusedException(
                    "account-in-use",
                    "The account %s is named by %d of the jobs, archived ones included, and by %d of their revisions, which never change. Make it inactive instead; its jobs can be transferred."
                            .formatted(account.username, count.jobs(), count.revisions()));
        }
        ObjectNode lastState = state(account);
        repository.delete(account);
        repository.flush();
        tell("delete", account, Changes.between(lastState, null), reason);
    }

    /** What depends on the account. */
    @Transactional
    public Dependents dependents(String username) {
        UUID account = require(username).id();
        return new Dependents(uses.jobsInUse(account), uses.count(account));
    }

    /** How many jobs act as each of the accounts, archived ones too; an account without jobs is absent. */
    @Transactional
    public Map<UUID, Long> jobs(Collection<UUID> accounts) {
        return uses.jobs(accounts);
    }

    private void tell(String action, Account account, Changes changes, @Nullable String reason) {
        audit.record(AuditEntry.of(caller.name(), action, "account", account.id.toString())
                .named(account.username)
                .with(changes)
                .because(reason));
    }

    private static ObjectNode state(Account account) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("username", account.username)
                .put("displayName", account.displayName)
                .put("kind", account.kind.name().toLowerCase(Locale.ROOT))
                .put("email", account.email)
                .put("active", account.active);
    }

    private static void take(Account account, AccountDraft draft) {
        String displayName = draft.displayName();
        account.displayName =
                displayName == null ? account.username : Name.of(displayName).text();
        account.kind = draft.kind();
        account.email = draft.email();
        account.active = draft.active();
    }

    private static Tagged<AccountView> tagged(Account account) {
        return new Tagged<>(AccountView.of(account), etag(account));
    }

    private static String etag(Account account) {
        // With a part of the id: an account that is made anew under an old name has other tags
        return EntityTags.strong("%08x-%d".formatted((int) account.id.getLeastSignificantBits(), account.version));
    }

    private static UnknownException unknown(String username) {
        return new UnknownException("There is no account named " + username + ".");
    }

    private static RefusedException exists(Name name) {
        return new RefusedException("account-exists", "There is an account named " + name.text() + " already.");
    }
}
