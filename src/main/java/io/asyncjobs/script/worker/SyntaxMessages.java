package io.asyncjobs.script.worker;

import java.util.regex.Pattern;

/** What the parser says, for authors of scripts. */
final class SyntaxMessages {

    private static final Pattern POSITION = Pattern.compile("^(?:SyntaxError: )?(?:script:\\d+:\\d+ )?");
    private static final Pattern TYPES =
            Pattern.compile("^\\s*(?:export\\s+)?(?:interface|type|enum|namespace|abstract|declare)\\s+\\w"
                    + "|[\\w)\\]?]\\s*:\\s*(?:string|number|boolean|any|unknown|void|never|Record<|Array<|Promise<|Map<"
                    + "|[A-Z]\\w*)\\b|\\sas\\s+\\w");
    private static final String QUOTATION_MARKS = "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb";

    private SyntaxMessages() {}

    /** The first line of what the engine says, without the place. */
    static String plain(String message) {
        int end = message.indexOf('\n');
        return POSITION.matcher(end < 0 ? message : message.substring(0, end))
                .replaceFirst("")
                .strip();
    }

    /**
     * A sentence for what is often written by those who come from elsewhere; the parser's own for anything else.
     *
     * @param line the text of the line
     * @param column in it, from 1
     */
    static String forAuthors(String message, String line, int column) {
        String rest = line.substring(Math.min(column - 1, line.length()));
        if (rest.startsWith("import") || rest.startsWith("export")) {
            return "A data script has no modules: '" + rest.substring(0, 6)
                    + "' cannot be used; http, sql, state and the other globals are there without it";
        }
        if (rest.startsWith("/*")) {
            return "A comment begins here with /* and is not closed by */";
        }
        if (!rest.isEmpty()) {
            int c = rest.codePointAt(0);
            if (QUOTATION_MARKS.indexOf(c) >= 0) {
                return "A typographic quotation mark (" + Character.toString(c) + ") encloses no text: use ' or \"";
            }
            if (c > 0x7e && !Character.isLetter(c)) {
                return "The character U+%04X (%s) cannot stand here: delete it, or put it into quotation marks"
                        .formatted(c, Character.getName(c));
            }
        }
        if (TYPES.matcher(line).find() && (message.startsWith("Expected ") || message.startsWith("Unexpected "))) {
            return "This looks like TypeScript, and a data script is JavaScript: leave the types out (" + message + ")";
        }
        return message;
    }

    /** What is wrong where the parser stumbled over the wrapper's own closing brace. */
    static String atTheEnd(String message, boolean incomplete) {
        if (incomplete) {
            return "Unexpected end: a brace is open";
        }
        if (message.startsWith("Expected eof")) {
            return "A closing brace has no opening one";
        }
        return message.startsWith("Missing close quote")
                ? "Unexpected end: a template text (`) is open"
                : "Unexpected end: something before is not complete";
    }
}
