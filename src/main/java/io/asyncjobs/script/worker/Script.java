package io.asyncjobs.script.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * A data script inside its wrapper. The wrapper begins on the script's first line, so that the lines in a script's own
 * {@code error.stack} are right; columns of that line are put right wherever this side reports one.
 *
 * <p>A body could close the wrapper and open another function. It is therefore parsed in two: as a method, where only
 * {@code ,} or <code>}</code> may follow the closing brace, and as a declaration, where neither may. Whatever closes
 * the one early is a syntax error in the other.
 */
final class Script {

    /** A reason why a source is no script, at the author's own line and column. */
    record Problem(int line, int column, String message) {}

    static final String NAME = "script";
    private static final String DECLARATION = "async function script(";
    // As long as the other, so that columns are off by the same
    private static final String METHOD = "({       async script(";
    private static final String STRICT = "\"use strict\";";
    private static final Pattern POSITION = Pattern.compile("^(?:SyntaxError: )?(?:script:\\d+:\\d+ )?");
    private static final Pattern NOT_SET = Pattern.compile(
            "TypeError: Cannot (?:add (?:new )?property \"(.*?)\" to .*|redefine property: (.*))", Pattern.DOTALL);
    private static final Pattern NOT_DELETED = Pattern.compile(
            "TypeError: (?:\"(.*)\" is not a configurable property|Cannot delete property \"(.*)\" of .*)",
            Pattern.DOTALL);
    private static final Pattern TYPES = Pattern.compile(
            "^\\s*(?:export\\s+)?(?:interface|type|enum|namespace|abstract|declare)\\s+\\w|[\\w)\\]?]\\s*:\\s*(?:string|number|boolean|any|unknown|void|never|Record<|Array<|Promise<|Map<|[A-Z]\\w*)\\b|\\sas\\s+\\w");

    /** What was written into the script: text of so many characters, in front of the column of the compiled line. */
    private record Inserted(int column, int length) {}

    private final String text;
    private final boolean strict;
    /** The parameter of the function, in which values are noted with their places. */
    private final String places;

    private final String wrapped;
    private final int wrapperLength;
    private final Map<Integer, List<Inserted>> inserted = new HashMap<>();
    private final Source source;
    private volatile @Nullable List<Problem> problems;

    /** @param strict whether it runs in strict mode; one that was saved before scripts were strict may rely on its absence */
    Script(String text, boolean strict) {
        // A first line for the shell is a comment
        this.text = text.startsWith("#!") ? "//" + text.substring(2) : text;
        this.strict = strict;
        this.places = freeName(text);
        String wrapper = wrapper(METHOD);
        this.wrapperLength = wrapper.length();
        String plain = wrapper + this.text + "\n}}).script";
        this.wrapped = withPlaces(plain);
        this.source = Source.newBuilder("js", wrapped, NAME).cached(true).buildLiteral();
    }

    private String wrapper(String beginning) {
        return beginning + places + "){" + (strict ? STRICT : "");
    }

    private static String freeName(String text) {
        String name = "$places";
        for (int i = 1; text.contains(name); i++) {
            name = "$places" + i;
        }
        return name;
    }

    /**
     * Where it throws what may be no error, and where it returns the result, the script notes the value and the place: an
     * assignment in front of the expression does, and no line moves.
     */
    private String withPlaces(String plain) {
        StringBuilder noted = new StringBuilder(plain.length() + 128);
        int line = 1;
        int lineStart = 0;
        int copied = 0;
        int shift = 0;
        for (int at : Syntax.of(plain, strict).values()) {
            for (int i = Math.max(copied, lineStart); i < at; i++) {
                if (endsLine(plain, i)) {
                    line++;
                    lineStart = i + 1;
                    shift = 0;
                }
            }
            int column = at - lineStart + 1 - (line == 1 ? wrapperLength : 0);
            String note = " " + places + "['" + line + ":" + (column - wordBefore(plain, at)) + "']=";
            noted.append(plain, copied, at).append(note);
            inserted.computeIfAbsent(line, unused -> new ArrayList<>())
                    .add(new Inserted(at - lineStart + 1 + shift, note.length()));
            shift += note.length();
            copied = at;
        }
        return noted.append(plain, copied, plain.length()).toString();
    }

    private static int wordBefore(String text, int end) {
        int start = end;
        while (start > 0 && Character.isLetter(text.charAt(start - 1))) {
            start--;
        }
        return end - start;
    }

    /** Parses once; later calls answer from memory. Needs a context of the engine in which the script will run. */
    List<Problem> problems(Context context) {
        List<Problem> known = problems;
        if (known == null) {
            known = parse(context);
            problems = known;
        }
        return known;
    }

    /** The script's function, not yet called. Only for a script without {@link #problems}. */
    Value function(Context context) {
        return context.eval(source);
    }

    private List<Problem> parse(Context context) {
        List<Problem> found = new ArrayList<>(1);
        parse(
                context,
                Source.newBuilder("js", wrapper(DECLARATION) + text + "\n}", NAME)
                        .cached(false)
                        .buildLiteral(),
                found);
        if (found.isEmpty()) {
            parse(context, source, found);
        }
        return List.copyOf(found);
    }

    private void parse(Context context, Source wrapped, List<Problem> found) {
        try {
            context.parse(wrapped);
        } catch (PolyglotException e) {
            if (e.isCancelled() || e.isInterrupted()) {
                throw e;
            }
            if (e.isSyntaxError()) {
                found.add(problem(e));
            } else if (e.isResourceExhausted()) {
                found.add(new Problem(1, 1, "The script is nested too deeply to be parsed"));
            } else {
                throw e;
            }
        } catch (StackOverflowError e) {
            found.add(new Problem(1, 1, "The script is nested too deeply to be parsed"));
        }
    }

    private Problem problem(PolyglotException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        message = POSITION.matcher(end < 0 ? message : message.substring(0, end))
                .replaceFirst("")
                .strip();
        SourceSection section = e.getSourceLocation();
        if (section == null || !section.hasLines()) {
            return new Problem(1, 1, message);
        }
        int line = section.getStartLine();
        int lines = lineCount();
        if (line <= lines) {
            int column = Math.max(1, column(line, section.getStartColumn()));
            return new Problem(line, column, forAuthors(message, line, column));
        }
        // The parser stumbled over the wrapper's own closing brace
        String why;
        if (e.isIncompleteSource()) {
            why = "Unexpected end: a brace is open";
        } else if (message.startsWith("Expected eof")) {
            why = "A closing brace has no opening one";
        } else if (message.startsWith("Missing close quote")) {
            why = "Unexpected end: a template text (`) is open";
        } else {
            why = "Unexpected end: something before is not complete";
        }
        return new Problem(lines, lastLineLength() + 1, why);
    }

    /** A sentence for what is written so often by those who come from elsewhere; the parser's own for anything else. */
    private String forAuthors(String message, int line, int column) {
        String whole = lineText(line);
        String rest = whole.substring(Math.min(column - 1, whole.length()));
        if (rest.startsWith("import") || rest.startsWith("export")) {
            return "A data script has no modules: '" + rest.substring(0, 6)
                    + "' cannot be used; http, sql, state and the other globals are there without it";
        }
        if (rest.startsWith("/*")) {
            return "A comment begins here with /* and is not closed by */";
        }
        if (!rest.isEmpty()) {
            int c = rest.codePointAt(0);
            if ("\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb".indexOf(c) >= 0) {
                return "A typographic quotation mark (" + Character.toString(c) + ") encloses no text: use ' or \"";
            }
            if (c > 0x7e && !Character.isLetter(c)) {
                return "The character U+%04X (%s) cannot stand here: delete it, or put it into quotation marks"
                        .formatted(c, Character.getName(c));
            }
        }
        if (TYPES.matcher(whole).find() && (message.startsWith("Expected ") || message.startsWith("Unexpected "))) {
            return "This looks like TypeScript, and a data script is JavaScript: leave the types out (" + message + ")";
        }
        return message;
    }

    private String lineText(int line) {
        int start = 0;
        int at = 1;
        int i = 0;
        for (; i < text.length() && at < line; i++) {
            if (endsLine(text, i)) {
                at++;
                start = i + 1;
            }
        }
        int end = start;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            end++;
        }
        return text.substring(start, end);
    }

    /** Where it does what the engine refused without saying where; null unless that can only be one place. */
    @Nullable
    Problem refusedAt(String message) {
        Matcher set = NOT_SET.matcher(message);
        Matcher deleted = NOT_DELETED.matcher(message);
        String plain = wrapper(METHOD) + text + "\n}}).script";
        OptionalInt at;
        if (set.matches()) {
            at = Syntax.of(plain, strict).onlyUse(Syntax.Use.SET, set.group(1) == null ? set.group(2) : set.group(1));
        } else if (deleted.matches()) {
            at = Syntax.of(plain, strict)
                    .onlyUse(Syntax.Use.DELETE, deleted.group(1) == null ? deleted.group(2) : deleted.group(1));
        } else if (message.endsWith(" is not an Object")) {
            at = Syntax.of(plain, strict).onlyUse(Syntax.Use.IN, null);
        } else {
            return null;
        }
        return at.isEmpty() ? null : problemAt(plain, at.getAsInt(), message);
    }

    /** Its own loop, outside of all functions, if there is only one. */
    @Nullable
    Problem onlyLoop() {
        String plain = wrapper(METHOD) + text + "\n}}).script";
        List<Integer> loops = Syntax.of(plain, strict).loops();
        return loops.size() == 1 ? problemAt(plain, loops.getFirst(), "") : null;
    }

    private Problem problemAt(String plain, int offset, String message) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < offset; i++) {
            if (endsLine(plain, i)) {
                line++;
                lineStart = i + 1;
            }
        }
        return new Problem(line, offset - lineStart + 1 - (line == 1 ? wrapperLength : 0), message);
    }

    /** Names the script takes from other environments, which fail when it comes to them. */
    List<Problem> advice() {
        List<Problem> found = new ArrayList<>();
        String plain = wrapper(METHOD) + text + "\n}}).script";
        for (Syntax.Place use : Syntax.of(plain, strict).fromElsewhere()) {
            found.add(problemAt(
                    plain,
                    use.offset(),
                    "There is no " + use.name() + " in a data script: " + Syntax.instead(use.name())));
        }
        return found;
    }

    private int lineCount() {
        int lines = 1;
        for (int i = 0; i < text.length(); i++) {
            if (endsLine(text, i)) {
                lines++;
            }
        }
        return lines;
    }

    private int lastLineLength() {
        int i = text.length();
        while (i > 0 && !endsLine(text, i - 1)) {
            i--;
        }
        return text.length() - i;
    }

    private static boolean endsLine(String text, int i) {
        char c = text.charAt(i);
        return c == '\n' || c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n');
    }

    /** Whether this is where its text was compiled: a comment in it can give its source another name. */
    boolean owns(Source other) {
        return other.equals(source)
                || other.getLength() == wrapped.length()
                        && other.getCharacters().toString().equals(wrapped);
    }

    /** The author's column of one in the compiled text; below 1 it belongs to the wrapper. */
    int column(int line, int compiledColumn) {
        int column = compiledColumn;
        for (Inserted note : inserted.getOrDefault(line, List.of())) {
            if (compiledColumn >= note.column + note.length) {
                column -= note.length;
            }
        }
        return line == 1 ? column - wrapperLength : column;
    }
}
