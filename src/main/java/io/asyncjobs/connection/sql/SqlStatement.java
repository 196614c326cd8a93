package io.asyncjobs.connection.sql;

import io.asyncjobs.connection.ConnectionCallException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.postgresql.core.Parser;

/**
 * One statement of a script, made ready for the driver.
 *
 * <p>Quotes, comments and dollar quotes are read by the driver's own functions, so that what is taken for a placeholder or
 * a semicolon here is so there too.
 *
 * @param driverText with the driver's {@code ?} in place of {@code $1}, {@code $2}
 * @param positions for each {@code ?} the index of its parameter, from 0
 * @param keyword the first word, in lower case
 */
record SqlStatement(String driverText, List<Integer> positions, String keyword) {

    private static final int MAX_CHARS = 256 * 1024;
    private static final int MAX_PLACEHOLDERS = 10_000;

    private static final Set<String> ROWS = Set.of("select", "with", "values", "table");
    private static final Set<String> READING = Set.of("select", "with", "values", "table", "show", "explain");

    /**
     * What may change something. Named one by one, because the rest would end or bend the transaction (COMMIT, SAVEPOINT,
     * SET, DISCARD), leave something behind in the session (PREPARE, DECLARE, LISTEN), or reach files and programs (COPY).
     */
    private static final Set<String> CHANGING = Set.of(
            "insert",
            "update",
            "delete",
            "merge",
            "call",
            "do",
            "lock",
            "truncate",
            "create",
            "alter",
            "drop",
            "comment",
            "grant",
            "revoke",
            "refresh",
            "analyze",
            "notify");

    private static final Set<String> ROW_CHANGING = Set.of("insert", "update", "delete", "merge");

    SqlStatement {
        positions = List.copyOf(positions);
    }

    /** The text was refused; the message says why. */
    static final class RefusedStatementException extends Exception {

        private static final long serialVersionUID = 1;

        RefusedStatementException(String message) {
            super(message);
        }
    }

    /** @param standardStrings whether a backslash in quotes is just a backslash, as the driver knows it of its session */
    static SqlStatement of(String text, int parameters, boolean standardStrings) throws RefusedStatementException {
        if (text.length() > MAX_CHARS) {
            throw new RefusedStatementException("a statement may have at most " + MAX_CHARS + " characters");
        }
        if (text.indexOf('\0') >= 0) {
            throw new RefusedStatementException("a statement must not hold NUL");
        }
        Scan scan = new Scan(text.toCharArray(), standardStrings);
        scan.run();
        if (scan.keyword.isEmpty()) {
            throw new RefusedStatementException("the statement is empty");
        }
        if (scan.highest != parameters) {
            throw new RefusedStatementException("the statement has %s, but %d parameter%s given"
                    .formatted(
                            scan.highest == 0 ? "no placeholders" : "placeholders up to $" + scan.highest,
                            parameters,
                            parameters == 1 ? " was" : "s were"));
        }
        String driverText = scan.out.toString();
        requireOne(driverText, standardStrings);
        return new SqlStatement(driverText, scan.positions, scan.keyword);
    }

    /** Whether the database can plan it without carrying it out. */
    boolean canBePlanned() {
        return ROW_CHANGING.contains(keyword) || ROWS.contains(keyword);
    }

    /** What has the database plan it; see {@link #canBePlanned}. */
    SqlStatement planned() {
        return new SqlStatement("explain (costs off) " + driverText, positions, "explain");
    }

    /** What opens a cursor over its rows. */
    SqlStatement opening(int cursor) {
        return new SqlStatement(
                "declare asyncjobs_%d no scroll cursor for %s".formatted(cursor, driverText), positions, "declare");
    }

    /** What reads the next rows of a cursor. */
    static SqlStatement fetching(int cursor, int rows) {
        return new SqlStatement("fetch forward %d from asyncjobs_%d".formatted(rows, cursor), List.of(), "fetch");
    }

    /** What closes a cursor. */
    static SqlStatement closing(int cursor) {
        return new SqlStatement("close asyncjobs_%d".formatted(cursor), List.of(), "close");
    }

    /** What a script does with a statement. */
    enum Use {
        QUERY,
        CURSOR,
        EXECUTE,
        BATCH
    }

    /**
     * Refuses what cannot be used so.
     *
     * @param own whether it goes to the service's own database
     */
    void requireAllowed(Use use, boolean own) throws RefusedStatementException {
        switch (use) {
            case QUERY -> requireReading(own);
            case CURSOR -> {
                requireReading(own);
                requireRows();
            }
            case EXECUTE -> requireAllowed(own);
            case BATCH -> requireBatch();
        }
    }

    private void requireReading(boolean own) throws RefusedStatementException {
        if (!READING.contains(keyword)) {
            throw new RefusedStatementException(
                    "sql.query takes statements that read (SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN);"
                            + " sql.execute takes the others");
        }
        if (own && reachesPastTheTransaction()) {
            throw new RefusedStatementException("pg_notify cannot be called in the service's own database");
        }
    }

    private void requireRows() throws RefusedStatementException {
        if (!ROWS.contains(keyword)) {
            throw new RefusedStatementException(
                    "the rows of SELECT, WITH, VALUES and TABLE can be read one after the other; leave out stream: true");
        }
    }

    private void requireAllowed(boolean own) throws RefusedStatementException {
        if (!READING.contains(keyword) && !CHANGING.contains(keyword)) {
            throw new RefusedStatementException("a statement that begins with "
                    + ConnectionCallException.shown(keyword).toUpperCase(Locale.ROOT) + " cannot be carried out here");
        }
        if (own && reachesPastTheTransaction()) {
            throw new RefusedStatementException(
                    "DO, NOTIFY and pg_notify cannot be carried out in the service's own database");
        }
    }

    /**
     * Whether it tells other sessions something, or may do whatever its own text says: neither is for the service's own
     * database, whose nodes listen to each other. The role's rights are the boundary; this is in front of it.
     */
    private boolean reachesPastTheTransaction() {
        return keyword.equals("do")
                || keyword.equals("notify")
                || driverText.toLowerCase(Locale.ROOT).contains("pg_notify");
    }

    private void requireBatch() throws RefusedStatementException {
        if (!ROW_CHANGING.contains(keyword)) {
            throw new RefusedStatementException(
                    "sql.batch takes INSERT, UPDATE, DELETE and MERGE; sql.execute takes the others");
        }
    }

    /** Whether each row of a result is one that was changed. */
    boolean changesRows() {
        return ROW_CHANGING.contains(keyword);
    }

    /** The driver splits a text at semicolons and carries out all of it; it must come to the same count of one. */
    private static void requireOne(String driverText, boolean standardStrings) throws RefusedStatementException {
        try {
            if (Parser.parseJdbcSql(driverText, standardStrings, true, true, false, false)
                            .size()
                    == 1) {
                return;
            }
        } catch (SQLException e) {
            // Said below
        }
        throw new RefusedStatementException("only one statement can be carried out at a time");
    }

    private static final class Scan {

        private final char[] text;
        private final boolean standardStrings;
        private final StringBuilder out;
        private final List<Integer> positions = new ArrayList<>();
        private int highest;
        private String keyword = "";
        private boolean ended;

        Scan(char[] text, boolean standardStrings) {
            this.text = text;
            this.standardStrings = standardStrings;
            this.out = new StringBuilder(text.length + 16);
        }

        void run() throws RefusedStatementException {
            int i = 0;
            while (i < text.length) {
                int comment = endOfComment(i);
                if (comment > i) {
                    // A comment is a space to PostgreSQL, too
                    out.append(' ');
                    i = comment;
                } else if (isSpace(text[i])) {
                    out.append(text[i++]);
                } else if (text[i] == ';') {
                    ended = true;
                    i++;
                } else if (ended) {
                    throw new RefusedStatementException("only one statement can be carried out at a time");
                } else {
                    i = token(i);
                }
            }
        }

        private int token(int i) throws RefusedStatementException {
            char c = text[i];
            if (keyword.isEmpty() && c != '(') {
                return firstWord(i);
            }
            return switch (c) {
                case '\'' -> copied(i, Parser.parseSingleQuotes(text, i, standardStrings));
                case '"' -> copied(i, Parser.parseDoubleQuotes(text, i));
                case '$' -> dollar(i);
                case '?' -> {
                    // An operator, which the driver wants doubled
                    out.append("??");
                    yield i + 1;
                }
                default -> {
                    out.append(c);
                    yield i + 1;
                }
            };
        }

        private int firstWord(int i) throws RefusedStatementException {
            int end = i;
            while (end < text.length && isLetter(text[end])) {
                end++;
            }
            if (end == i || (end < text.length && Parser.isIdentifierContChar(text[end]))) {
                throw new RefusedStatementException("the statement does not begin with a word of SQL");
            }
            keyword = new String(text, i, end - i).toLowerCase(Locale.ROOT);
            return copied(i, end - 1);
        }

        private int dollar(int i) throws RefusedStatementException {
            boolean partOfName = i > 0 && Parser.isIdentifierContChar(text[i - 1]);
            if (partOfName || i + 1 == text.length || text[i + 1] < '0' || text[i + 1] > '9') {
                return copied(i, Parser.parseDollarQuotes(text, i));
            }
            int end = i + 1;
            int number = 0;
            while (end < text.length && text[end] >= '0' && text[end] <= '9') {
                number = Math.min(10 * number + text[end] - '0', MAX_PLACEHOLDERS + 1);
                end++;
            }
            if (number == 0 || number > MAX_PLACEHOLDERS || positions.size() == MAX_PLACEHOLDERS) {
                throw new RefusedStatementException("placeholders are $1, $2 and so on, at most " + MAX_PLACEHOLDERS);
            }
            positions.add(number - 1);
            highest = Math.max(highest, number);
            // Spaces, lest it grow together with an operator ? beside it
            out.append(" ? ");
            return end;
        }

        private int copied(int from, int last) {
            int end = Math.min(last + 1, text.length);
            out.append(text, from, end - from);
            return end;
        }

        private int endOfComment(int i) {
            int last =
                    switch (text[i]) {
                        case '-' -> Parser.parseLineComment(text, i);
                        case '/' -> Parser.parseBlockComment(text, i);
                        default -> i;
                    };
            return last > i ? Math.min(last + 1, text.length) : i;
        }

        private static boolean isLetter(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        }

        private static boolean isSpace(char c) {
            return c == ' ' || (c >= '\t' && c <= '\r');
        }
    }
}
