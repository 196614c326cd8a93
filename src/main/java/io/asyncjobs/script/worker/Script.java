package io.asyncjobs.script.worker;

import java.util.ArrayList;
import java.util.List;
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
    private static final String DECLARATION = "async function script(){";
    // As long as the other, so that columns are off by the same
    private static final String METHOD = "({async script(){       ";
    private static final Pattern POSITION = Pattern.compile("^(?:SyntaxError: )?(?:script:\\d+:\\d+ )?");

    private final String text;
    private final Source source;
    private volatile @Nullable List<Problem> problems;

    Script(String text) {
        this.text = text;
        this.source = Source.newBuilder("js", METHOD + text + "\n}}).script", NAME)
                .cached(true)
                .buildLiteral();
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
                Source.newBuilder("js", DECLARATION + text + "\n}", NAME)
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
            return new Problem(line, Math.max(1, column(section)), message);
        }
        // The parser stumbled over the wrapper's own closing brace
        String why;
        if (e.isIncompleteSource()) {
            why = "Unexpected end: a brace is open";
        } else if (message.startsWith("Expected eof")) {
            why = "A closing brace has no opening one";
        } else {
            why = "Unexpected end: something before is not complete";
        }
        return new Problem(lines, lastLineLength() + 1, why);
    }

    private int lineCount() {
        int lines = 1;
        for (int i = 0; i < text.length(); i++) {
            if (endsLine(i)) {
                lines++;
            }
        }
        return lines;
    }

    private int lastLineLength() {
        int i = text.length();
        while (i > 0 && !endsLine(i - 1)) {
            i--;
        }
        return text.length() - i;
    }

    private boolean endsLine(int i) {
        char c = text.charAt(i);
        return c == '\n' || c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n');
    }

    /** The author's column where a section of the wrapped source starts; below 1 it belongs to the wrapper. */
    static int column(SourceSection section) {
        int column = section.getStartColumn();
        return section.getStartLine() == 1 ? column - METHOD.length() : column;
    }
}
