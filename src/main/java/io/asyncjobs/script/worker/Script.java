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
    private static final int LARGE_CHARS = 64 * 1024;
    private static final String STRICT = "\"use strict\";";
    private static final Pattern NOT_SET = Pattern.compile(
            "TypeError: Cannot (?:add (?:new )?property \"(.*?)\" to .*|redefine property: (.*))", Pattern.DOTALL);
    private static final Pattern NOT_DELETED = Pattern.compile(
            "TypeError: (?:\"(.*)\" is not a configurable property|Cannot delete property \"(.*)\" of .*)",
            Pattern.DOTALL);
    /** What was written into the script: text of so many characters, in front of the column of the compiled line. */
    private record Inserted(int column, int length) {}

    /**
     * What is made of the text before it runs.
     *
     * @param wrapped what is compiled
     * @param inserted by line
     * @param platformNames see {@link Platform#namesIn}
     */
    private record Prepared(
            Syntax syntax,
            String wrapped,
            Map<Integer, List<Inserted>> inserted,
            Source source,
            @Nullable String platformNames) {}

    private final String text;
    private final Lines lines;
    private final boolean strict;
    /** The parameter of the function, in which values are noted with their places. */
    private final String places;

    private final int wrapperLength;
    private final String plain;
    private @Nullable Prepared prepared;
    private volatile @Nullable List<Problem> problems;

    /**
     * Does little: whoever uses it first pays for reading the text.
     *
     * @param strict whether it runs in strict mode; one that was saved before scripts were strict may rely on its absence
     */
    Script(String text, boolean strict) {
        // A first line for the shell is a comment
        this.text = text.startsWith("#!") ? "//" + text.substring(2) : text;
        this.lines = new Lines(this.text);
        this.strict = strict;
        this.places = freeName(text);
        String wrapper = wrapper(METHOD);
        this.wrapperLength = wrapper.length();
        this.plain = wrapper + this.text + "\n}}).script";
    }

    /** Whether its code takes much room. */
    boolean isLarge() {
        return text.length() >= LARGE_CHARS;
    }

    /** Lets go of what was made of the text; whoever uses it next makes it anew. Returns whether there was something. */
    synchronized boolean release() {
        boolean had = prepared != null;
        prepared = null;
        return had;
    }

    private synchronized Prepared prepared() {
        if (prepared == null) {
            prepared = prepare();
        }
        return prepared;
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
    private Prepared prepare() {
        Syntax syntax = Syntax.of(plain, strict);
        Map<Integer, List<Inserted>> inserted = new HashMap<>();
        StringBuilder noted = new StringBuilder(plain.length() + 128);
        int copied = 0;
        int line = 0;
        int shift = 0;
        for (int at : syntax.values()) {
            int offset = at - wrapperLength;
            if (lines.line(offset) != line) {
                line = lines.line(offset);
                shift = 0;
            }
            int column = lines.column(offset);
            String note = " " + places + "['" + line + ":" + (column - wordBefore(plain, at)) + "']=";
            noted.append(plain, copied, at).append(note);
            inserted.computeIfAbsent(line, unused -> new ArrayList<>())
                    .add(new Inserted(column + wrapperIn(line) + shift, note.length()));
            shift += note.length();
            copied = at;
        }
        String wrapped = noted.append(plain, copied, plain.length()).toString();
        return new Prepared(
                syntax,
                wrapped,
                inserted,
                Source.newBuilder("js", wrapped, NAME).cached(true).buildLiteral(),
                Platform.namesIn(text, strict));
    }

    /** How much of a line is the wrapper's. */
    private int wrapperIn(int line) {
        return line == 1 ? wrapperLength : 0;
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
        return context.eval(prepared().source);
    }

    /** What of the platform it may name, as a list in JSON; null for nothing. */
    @Nullable
    String platformNames() {
        return prepared().platformNames;
    }

    private List<Problem> parse(Context context) {
        List<Problem> found = new ArrayList<>(1);
        String declaration = wrapper(DECLARATION) + text + "\n}";
        // The engine parses it only for its message: it would keep the code
        if (!Syntax.parses(declaration, strict)) {
            parse(
                    context,
                    Source.newBuilder("js", declaration, NAME).cached(false).buildLiteral(),
                    found);
        }
        if (found.isEmpty()) {
            parse(context, prepared().source, found);
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
        String message = SyntaxMessages.plain(String.valueOf(e.getMessage()));
        SourceSection section = e.getSourceLocation();
        if (section == null || !section.hasLines()) {
            return new Problem(1, 1, message);
        }
        int line = section.getStartLine();
        if (line > lines.count()) {
            return new Problem(
                    lines.count(), lines.lastColumn(), SyntaxMessages.atTheEnd(message, e.isIncompleteSource()));
        }
        int column = Math.max(1, column(line, section.getStartColumn()));
        return new Problem(line, column, SyntaxMessages.forAuthors(message, lines.text(line), column));
    }

    /** Where it does what the engine refused without saying where; null unless that can only be one place. */
    @Nullable
    Problem refusedAt(String message) {
        Syntax syntax = prepared().syntax;
        Matcher set = NOT_SET.matcher(message);
        Matcher deleted = NOT_DELETED.matcher(message);
        OptionalInt at;
        if (set.matches()) {
            at = syntax.onlyUse(Syntax.Use.SET, set.group(1) == null ? set.group(2) : set.group(1));
        } else if (deleted.matches()) {
            at = syntax.onlyUse(Syntax.Use.DELETE, deleted.group(1) == null ? deleted.group(2) : deleted.group(1));
        } else if (message.endsWith(" is not an Object")) {
            at = syntax.onlyUse(Syntax.Use.IN, null);
        } else {
            return null;
        }
        return at.isEmpty() ? null : problemAt(at.getAsInt(), message);
    }

    /**
     * A loop, if it can only be this one.
     *
     * @param function the name of the function it is in, which for the script itself is {@link #NAME}; null where it is not
     *     known
     */
    @Nullable
    Problem onlyLoop(@Nullable String function) {
        OptionalInt at = prepared().syntax.onlyLoop(function);
        return at.isEmpty() ? null : problemAt(at.getAsInt(), "");
    }

    /** @param at the place in the wrapped text */
    private Problem problemAt(int at, String message) {
        int offset = at - wrapperLength;
        return new Problem(lines.line(offset), lines.column(offset), message);
    }

    /** Names the script takes from other environments, which fail when it comes to them. */
    List<Problem> advice() {
        return prepared().syntax.fromElsewhere().stream()
                .map(use -> problemAt(
                        use.offset(), "There is no " + use.name() + " in a data script: " + Syntax.instead(use.name())))
                .toList();
    }

    /** Whether this is where its text was compiled: a comment in it can give its source another name. */
    boolean owns(Source other) {
        Prepared own = prepared();
        return other.equals(own.source)
                || other.getLength() == own.wrapped.length()
                        && other.getCharacters().toString().equals(own.wrapped);
    }

    /** The author's column of one in the compiled text; below 1 it belongs to the wrapper. */
    int column(int line, int compiledColumn) {
        int column = compiledColumn;
        for (Inserted note : prepared().inserted.getOrDefault(line, List.of())) {
            if (compiledColumn >= note.column + note.length) {
                column -= note.length;
            }
        }
        return column - wrapperIn(line);
    }
}
