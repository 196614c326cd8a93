package io.asyncjobs;

import io.asyncjobs.SqlText.Touch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables that migrations make, and the packages of a source that touch them. */
final class Tables {

    private static final String BASE = "io.asyncjobs";

    private static final Pattern CREATE_TABLE = Pattern.compile(
            "(?i)\\bcreate\\s+(?:unlogged\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?+(\\w+)(?:\\s+partition\\s+of\\s+(\\w+))?([^;]*);");
    private static final Pattern DROP_TABLE = Pattern.compile("(?im)^drop\\s+table\\s+(?:if\\s+exists\\s+)?+(\\w+)");
    private static final Pattern CASCADE =
            Pattern.compile("(?i)\\breferences\\s+(\\w+)\\s*(?:\\([^)]*\\))?\\s+on\\s+delete\\s+(?:cascade|set)");
    private static final Pattern VIEW =
            Pattern.compile("(?is)\\bcreate\\s+(?:or\\s+replace\\s+)?view\\s+(\\w+)\\s+as\\b([^;]*);");
    private static final Pattern FUNCTION = Pattern.compile(
            "(?is)\\bcreate\\s+(?:or\\s+replace\\s+)?function\\s+(\\w+)\\s*\\(.*?(?:\\$\\$(.*?)\\$\\$|\\breturn\\b([^;]*);)");
    private static final Pattern TRIGGER = Pattern.compile(
            "(?is)\\bcreate\\s+trigger\\s+\\w+[^;]*?\\bon\\s+(\\w+)[^;]*?\\bexecute\\s+function\\s+(\\w+)");
    private static final Pattern QUOTED = Pattern.compile("'(\\w+)'");

    private static final Pattern PACKAGE = Pattern.compile("(?m)^package\\s+([\\w.]+);");
    private static final Pattern ENTITY = Pattern.compile("(?s)@Entity\\b(.*?)\\bclass\\s+(\\w+)");
    private static final Pattern ENTITY_TABLE = Pattern.compile("@Table\\(\\s*name\\s*=\\s*\"(\\w+)\"");
    private static final Pattern ASSOCIATION =
            Pattern.compile("(?s)@(?:ManyToOne|OneToOne|OneToMany|ManyToMany)\\b[^;]*?(\\w+)>?\\s+\\w+;");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import\\s+" + BASE + "\\.[\\w.]*?(\\w+);");
    private static final Pattern REPOSITORY = Pattern.compile("\\bPanacheRepository(?:Base)?<(\\w+)");

    /** @param name for messages */
    record Source(String name, String text) {}

    private final Set<String> names = new TreeSet<>();
    private final Map<String, String> partitionParents = new HashMap<>();
    private final Map<String, String> entities = new HashMap<>();
    /** What a view reads and what a function touches, by its name. */
    private final Map<String, Set<Touch>> routines = new HashMap<>();
    /** What happens by itself when a table is written: triggers, and foreign keys that delete. */
    private final Map<String, Set<Touch>> effects = new HashMap<>();
    /** By package, what it touches and where. */
    private final Map<String, Map<Touch, Set<String>>> touches = new TreeMap<>();

    /**
     * @param migrations in their order
     * @param sources of Java
     */
    Tables(List<String> migrations, Collection<Source> sources) {
        migrations.forEach(this::readTables);
        migrations.forEach(this::readRoutines);
        migrations.forEach(this::readEffects);
        sources.forEach(this::readEntities);
        sources.forEach(this::readSource);
    }

    /** All tables but partitions. */
    Set<String> names() {
        return names;
    }

    /** By package below {@code io.asyncjobs}, what it touches, each with the sources where. */
    Map<String, Map<Touch, Set<String>>> touches() {
        return touches;
    }

    /** What the database does by itself when that table is written. */
    Set<Touch> effectsOn(String table) {
        return effects.getOrDefault(table, Set.of());
    }

    private void readTables(String migration) {
        String plain = withoutComments(migration);
        CREATE_TABLE.matcher(plain).results().forEach(found -> {
            String name = found.group(1);
            if (found.group(2) != null) {
                partitionParents.put(name, found.group(2));
                return;
            }
            names.add(name);
            if (found.group(3).contains("partition by")) {
                // A partition made later has a name that begins so
                partitionParents.put(name + "_", name);
            }
        });
        DROP_TABLE.matcher(plain).results().forEach(found -> names.remove(found.group(1)));
    }

    private void readRoutines(String migration) {
        String plain = withoutComments(migration);
        VIEW.matcher(plain).results().forEach(found -> routines.put(found.group(1), ofText(found.group(2))));
        FUNCTION.matcher(plain).results().forEach(found -> {
            String body = found.group(2) != null ? found.group(2) : "select " + found.group(3);
            Set<Touch> touched = new HashSet<>(ofText(body));
            if (body.contains("execute format(")) {
                // It puts its statements together of names
                QUOTED.matcher(body)
                        .results()
                        .flatMap(quoted -> tableOf(quoted.group(1)).stream())
                        .forEach(table -> touched.add(new Touch(table, true)));
            }
            routines.put(found.group(1), touched);
        });
    }

    private void readEffects(String migration) {
        String plain = withoutComments(migration);
        TRIGGER.matcher(plain).results().forEach(found -> effects.computeIfAbsent(
                        found.group(1), table -> new HashSet<>())
                .addAll(routines.getOrDefault(found.group(2), Set.of())));
        CREATE_TABLE.matcher(plain).results().forEach(made -> CASCADE.matcher(made.group(3))
                .results()
                .forEach(found -> effects.computeIfAbsent(found.group(1), table -> new HashSet<>())
                        .add(new Touch(made.group(1), true))));
    }

    private void readEntities(Source source) {
        Matcher entity = ENTITY.matcher(source.text);
        while (entity.find()) {
            Matcher table = ENTITY_TABLE.matcher(entity.group(1));
            entities.put(
                    entity.group(2),
                    table.find() ? table.group(1) : entity.group(2).toLowerCase(Locale.ROOT));
        }
    }

    private void readSource(Source source) {
        Set<Touch> found = new HashSet<>();
        JavaTexts.of(source.text).forEach(text -> found.addAll(ofText(text)));
        entitiesIn(ASSOCIATION, source).forEach(table -> found.add(new Touch(table, false)));
        entitiesIn(IMPORT, source).forEach(table -> found.add(new Touch(table, false)));
        entitiesIn(REPOSITORY, source).forEach(table -> found.add(new Touch(table, true)));
        Map<Touch, Set<String>> ofPackage = touches.computeIfAbsent(
                packageOf(source), name -> new TreeMap<>(Comparator.comparing(Touch::toString)));
        found.forEach(
                touch -> ofPackage.computeIfAbsent(touch, t -> new TreeSet<>()).add(source.name));
    }

    private List<String> entitiesIn(Pattern pattern, Source source) {
        List<String> tables = new ArrayList<>();
        pattern.matcher(source.text).results().forEach(found -> Optional.ofNullable(entities.get(found.group(1)))
                .ifPresent(tables::add));
        return tables;
    }

    private static String packageOf(Source source) {
        Matcher name = PACKAGE.matcher(source.text);
        String whole = name.find() ? name.group(1) : "";
        return whole.startsWith(BASE + ".") ? whole.substring(BASE.length() + 1) : "";
    }

    /** With what the views and functions touch that it uses. */
    private Set<Touch> ofText(String text) {
        Set<Touch> found = new HashSet<>();
        for (Touch touch : SqlText.touches(text, this::relationOf)) {
            Set<Touch> ofView = routines.get(touch.table());
            found.addAll(ofView == null ? Set.of(touch) : ofView);
        }
        routines.forEach((name, touched) -> {
            if (SqlText.calls(text, name)) {
                found.addAll(touched);
            }
        });
        return found;
    }

    /** A table, or a view. */
    private Optional<String> relationOf(String name) {
        return routines.containsKey(name) ? Optional.of(name) : tableOf(name);
    }

    private Optional<String> tableOf(String name) {
        String entity = entities.get(name);
        if (entity != null) {
            return Optional.of(entity);
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return Optional.ofNullable(partitionParents.get(lower))
                .or(() -> names.contains(lower) ? Optional.of(lower) : Optional.empty());
    }

    private static String withoutComments(String sql) {
        return sql.replaceAll("--[^\\n]*", " ");
    }
}
