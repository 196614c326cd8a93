package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where each value of a manifest stands, by its path. */
final class Places {

    private static final int MOST = 250_000;

    private final @Nullable String file;
    private final Map<String, MalformedException.Location> places = new HashMap<>();

    /** @param file the manifest's name where the request holds several files; null otherwise */
    Places(@Nullable String file) {
        this.file = file;
    }

    /**
     * Line and column are from 1.
     *
     * @throws MalformedException where there are more than memory should hold: each costs many times its text
     */
    void put(String path, int line, int column) {
        if (places.size() >= MOST) {
            throw new MalformedException(
                    "The manifest has more than " + MOST + " values.", new MalformedException.Location(line, column));
        }
        places.putIfAbsent(path, new MalformedException.Location(line, column));
    }

    /** The violations with their places, from the top of the file to its end. */
    List<Violation> inOrder(List<Violation> violations) {
        return violations.stream()
                .map(this::located)
                .sorted(Comparator.comparing(Violation::line, Comparator.nullsFirst(Comparator.naturalOrder()))
                        .thenComparing(Violation::column, Comparator.nullsFirst(Comparator.naturalOrder())))
                .toList();
    }

    /** The violation with its place; that of what is around it where the field is missing. */
    private Violation located(Violation violation) {
        MalformedException.Location place = of(violation.field());
        return new Violation(
                violation.field(),
                violation.message(),
                file,
                place == null ? null : place.line(),
                place == null ? null : place.column());
    }

    private MalformedException.@Nullable Location of(String field) {
        String path = field;
        while (!path.isEmpty() && !places.containsKey(path)) {
            path = path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
        }
        return places.get(path);
    }
}
