package io.asyncjobs;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The tables that a piece of SQL or HQL names. It reads words, not grammar: enough for statements that are written plainly,
 * and for parts of statements.
 */
final class SqlText {

    /** @param write whether rows or the table itself are changed; else they are read, and perhaps locked */
    record Touch(String table, boolean write) {

        @Override
        public String toString() {
            return (write ? "writes " : "reads ") + table;
        }
    }

    private static final Pattern STATEMENT = Pattern.compile(
            "(?is)\\b(select|insert\\s+into|delete\\s+from|lock\\s+table|alter\\s+table|drop\\s+table|truncate|vacuum|merge\\s+into)\\b"
                    + "|\\bupdate\\s+\\w+(\\s+\\w+)?\\s+set\\b"
                    + "|^\\s*((left|cross|inner)\\s+)?(from|join|update)\\b");

    private static final Pattern WORD = Pattern.compile("'(?:[^']|'')*'|[A-Za-z_][\\w$]*(?:\\.\\w+)*|\\S");
    private static final Pattern COMMENT = Pattern.compile("--[^\\n]*");
    private static final Pattern NAMED_QUERY =
            Pattern.compile("(?i)\\b(\\w+)\\s*(?:\\([^()]*\\)\\s*)?as\\s+(?:not\\s+)?(?:materialized\\s+)?\\(");

    /** What ends the list of relations after {@code from} or {@code using}. */
    private static final Set<String> AFTER_RELATIONS = Set.of(
            "where",
            "order",
            "group",
            "having",
            "limit",
            "offset",
            "for",
            "set",
            "returning",
            "union",
            "on",
            "when",
            ";");

    private static final Set<String> BEFORE_A_NAME = Set.of("only", "table", "if", "exists", "lateral", "fetch");

    private final List<String> words;
    private final Set<String> namedQueries = new HashSet<>();
    private final Function<String, Optional<String>> tableOf;
    private final Set<Touch> touches = new HashSet<>();

    private SqlText(String plain, Function<String, Optional<String>> tableOf) {
        this.words = WORD.matcher(plain).results().map(MatchResult::group).toList();
        this.tableOf = tableOf;
        NAMED_QUERY.matcher(plain).results().map(found -> lower(found.group(1))).forEach(namedQueries::add);
    }

    /**
     * What the text touches; nothing of a text that is no statement.
     *
     * @param tableOf the table that a name means: its own, that of a partition, or that of an entity
     */
    static Set<Touch> touches(String text, Function<String, Optional<String>> tableOf) {
        String plain = COMMENT.matcher(text).replaceAll(" ");
        if (!STATEMENT.matcher(plain).find()) {
            return Set.of();
        }
        SqlText sql = new SqlText(plain, tableOf);
        sql.read();
        return sql.touches;
    }

    /** Whether it calls that function. */
    static boolean calls(String text, String function) {
        return STATEMENT.matcher(text).find()
                && Pattern.compile("(?i)\\b" + function + "\\s*\\(")
                        .matcher(text)
                        .find();
    }

    private void read() {
        for (int i = 0; i < words.size(); i++) {
            switch (word(i)) {
                case "from" -> relations(i + 1, i > 0 && word(i - 1).equals("delete"));
                case "using" -> relations(i + 1, false);
                case "join" -> touch(i + 1, false);
                case "into", "truncate", "vacuum", "copy" -> touch(i + 1, true);
                case "update" -> {
                    // Not the lock of a query, and not the other half of an insert
                    if (i == 0 || !Set.of("for", "key", "do").contains(word(i - 1))) {
                        touch(i + 1, true);
                    }
                }
                case "table" -> {
                    if (i > 0 && Set.of("lock", "alter", "drop").contains(word(i - 1))) {
                        relations(i + 1, true);
                    }
                }
                default -> {
                    // Says nothing of tables
                }
            }
        }
    }

    /** The names of a list up to the clause behind it; what stands in brackets is read on its own. */
    private void relations(int from, boolean firstIsWritten) {
        int depth = 0;
        boolean lockedOrDropped = from >= 2 && word(from - 1).equals("table");
        touch(from, firstIsWritten);
        for (int i = from; i < words.size(); i++) {
            String word = word(i);
            if (word.equals("(")) {
                depth++;
            } else if (word.equals(")")) {
                depth--;
            } else if (depth == 0 && word.equals(",")) {
                touch(i + 1, lockedOrDropped);
            }
            if (depth < 0 || depth == 0 && AFTER_RELATIONS.contains(word)) {
                return;
            }
        }
    }

    private void touch(int at, boolean write) {
        int i = at;
        while (i < words.size() && BEFORE_A_NAME.contains(word(i))) {
            i++;
        }
        // A query that is named like a table hides it
        if (i < words.size()
                && !namedQueries.contains(word(i))
                && !(i + 1 < words.size() && word(i + 1).equals("to"))) {
            tableOf.apply(words.get(i)).ifPresent(table -> touches.add(new Touch(table, write)));
        }
    }

    private String word(int i) {
        return lower(words.get(i));
    }

    private static String lower(String word) {
        return word.toLowerCase(Locale.ROOT);
    }
}
