package io.asyncjobs.connection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.Name;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.RefusedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds all that is wrong with a draft. Saving stops at the first kind of fault: what cannot be read, then what cannot be. A
 * person who fills a form wants to know all of it at once.
 */
@Singleton
class DraftFaults {

    private static final String SECRET = "secret";

    private final StrictJson json;
    private final ConnectionChecker checker;

    DraftFaults(StrictJson json, ConnectionChecker checker) {
        this.json = json;
        this.checker = checker;
    }

    /**
     * What is wrong.
     *
     * @param stored what it is over; null for a new one
     * @param known paths of which faults are known already; of them nothing is said
     */
    List<Violation> of(String name, ObjectNode draft, @Nullable ConnectionView stored, Set<String> known) {
        List<Violation> violations = new ArrayList<>();
        String fault = stored == null ? Name.fault(name) : null;
        if (fault != null && !known.contains("name")) {
            violations.add(new Violation("name", fault));
        }
        ObjectNode sound = draft.deepCopy();
        known.forEach(path -> replace(sound, path));
        bound(sound, known, violations).ifPresent(bound -> checked(bound, known, violations));
        if (needsSecret(draft, stored) && known.stream().noneMatch(SECRET::equals)) {
            violations.add(new Violation(SECRET, "is required for this authentication"));
        }
        return violations;
    }

    /** What can be read; in place of what cannot there is something that can. */
    private Optional<ConnectionDraft> bound(ObjectNode sound, Set<String> known, List<Violation> violations) {
        try {
            return Optional.of(json.bind(sound, ConnectionDraft.class));
        } catch (InvalidException e) {
            add(e.violations(), known, violations);
            e.violations().forEach(violation -> replace(sound, violation.field()));
        }
        try {
            return Optional.of(json.bind(sound, ConnectionDraft.class));
        } catch (InvalidException e) {
            // A header's name may hold what looks like a path
            return Optional.empty();
        }
    }

    private void checked(ConnectionDraft draft, Set<String> known, List<Violation> violations) {
        Set<String> said =
                Set.copyOf(Stream.concat(known.stream(), violations.stream().map(Violation::field))
                        .toList());
        try {
            checker.check(draft);
        } catch (InvalidException e) {
            add(e.violations(), said, violations);
        } catch (RefusedException e) {
            // Of the service, not of the draft; saving says so
        }
    }

    private static void add(List<Violation> found, Set<String> said, List<Violation> violations) {
        found.stream()
                .filter(violation -> said.stream().noneMatch(path -> isWithin(violation.field(), path)))
                .forEach(violations::add);
    }

    private static boolean isWithin(String field, String path) {
        return field.equals(path) || field.startsWith(path + ".");
    }

    /** Takes out what cannot be read; what a connection cannot be without is replaced. */
    private static void replace(ObjectNode draft, String path) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            draft.remove(path);
        } else if (draft.get(path.substring(0, dot)) instanceof ObjectNode inside) {
            String rest = path.substring(dot + 1);
            switch (rest) {
                case "baseUrl", "tokenUrl" -> inside.put(rest, "https://example.org");
                case "host" -> inside.put(rest, "example.org");
                case "database", "username" -> inside.put(rest, rest);
                default -> replace(inside, rest);
            }
        }
    }

    /** Where none is stored; whether a stored one may stay is said on saving. */
    private static boolean needsSecret(ObjectNode draft, @Nullable ConnectionView stored) {
        JsonNode type = draft.path("http").path("authentication").path("type");
        boolean takes =
                Set.of("basic", "bearer", "header", "oauth2_client_credentials").contains(type.asText());
        return takes && !draft.hasNonNull(SECRET) && (stored == null || !stored.hasSecret());
    }
}
