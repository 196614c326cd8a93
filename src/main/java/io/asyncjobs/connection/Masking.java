package io.asyncjobs.connection;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that one run might bring along from its calls, to be taken out of whatever is stored or shown of it: those of
 * the connections it used, in every form in which they are sent or commonly come back, and the tokens that were made or
 * fetched with them. Thread-safe; costs next to nothing while it knows no secret.
 *
 * <p>It finds a secret that stands there as a whole. What a script cuts up, counts off or encrypts, it cannot find.
 */
public final class Masking {

    /** What stands in place of a secret. */
    public static final String MASK = "•••";

    /** Shorter ones are found in the forms that hold more than themselves only: every log has an "a". */
    private static final int SHORTEST = 4;

    /** Shorter ones are found where they stand alone only: a password "2026" is no reason to mask every date. */
    private static final int SHORTEST_WITHIN = 8;

    /** Of what is found inside of Base64, where chance is closer. */
    private static final int SHORTEST_INSIDE = 8;

    /** Of the beginning of a secret at an end where a text was cut. */
    private static final int SHORTEST_BEGINNING = 8;

    /** So many fetched tokens of a run are masked, and tokens of that length. */
    private static final int MOST_LEARNED = 200;

    private static final int LONGEST_LEARNED = 16 * 1024;

    /** Texts of JSON are cut from this length on. */
    private static final int CUT_CHARS = 8_000;

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    /**
     * What is looked for.
     *
     * @param inJson the same in a text of JSON
     * @param before which characters before it belong to it
     * @param after which characters after it belong to it
     */
    private record Form(String text, String inJson, IntPredicate before, IntPredicate after) {

        private static final IntPredicate NONE = c -> false;
        private static final IntPredicate BASE64 = c -> isAlphanumeric(c) || "+/=_-".indexOf(c) >= 0;
        private static final IntPredicate TOKEN = c -> isAlphanumeric(c) || "._-".indexOf(c) >= 0;

        private Form(String text, IntPredicate before, IntPredicate after) {
            this(text, quoted(text), before, after);
        }

        static Form whole(String text) {
            return new Form(text, NONE, NONE);
        }

        static Form insideBase64(String text) {
            return new Form(text, BASE64, BASE64);
        }

        static Form beginningOfToken(String text) {
            return new Form(text, NONE, TOKEN);
        }

        /** Whether it counts at that place of that text. */
        boolean counts(String within, int from) {
            if (text.length() >= SHORTEST_WITHIN) {
                return true;
            }
            int to = from + text.length();
            return (from == 0 || !isOfWord(within.charAt(from - 1)))
                    && (to == within.length() || !isOfWord(within.charAt(to)));
        }

        private static boolean isOfWord(int c) {
            return isAlphanumeric(c) || c == '-' || c == '_' || c > 0x7f;
        }

        private static boolean isAlphanumeric(int c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        }
    }

    /** Null while there is nothing to be masked. The longest form comes first. */
    private volatile @Nullable List<Form> forms;

    // Guarded by this
    private final Set<String> known = new HashSet<>();
    private int learned;

    /** Whether there is nothing to be masked so far. */
    public boolean isIdle() {
        return forms == null;
    }

    /** The text without secrets. */
    public String text(String text) {
        List<Form> sought = forms;
        return sought == null ? text : masked(text, sought);
    }

    /** As {@link #text}, where the text may have been cut within a secret. */
    public String cutText(String text) {
        List<Form> sought = forms;
        return sought == null ? text : maskedEnd(masked(text, sought), sought);
    }

    /** The JSON text without secrets: still JSON, and the very same where there are none. */
    public String json(String json) {
        List<Form> sought = forms;
        return sought == null || !mayHold(json, sought) ? json : maskedJson(json, sought);
    }

    /** From now on that secret of a connection is masked. */
    public void add(String secret) {
        synchronized (this) {
            if (known.contains(secret)) {
                return;
            }
        }
        Set<Form> more = new LinkedHashSet<>();
        if (secret.length() >= SHORTEST) {
            addForms(secret, more);
        }
        add(secret, more);
    }

    /** From now on that pair is masked as it is sent. */
    public void addBasic(String pair) {
        Set<Form> more = new LinkedHashSet<>();
        addBase64(pair.getBytes(StandardCharsets.UTF_8), more);
        add("basic " + pair, more);
    }

    /** From now on that token is masked, and all that begin with the same header: one is made for each call. */
    public void addToken(String token) {
        int dot = token.indexOf('.');
        String header = token.substring(0, dot + 1);
        Set<Form> more = new LinkedHashSet<>();
        more.add(Form.beginningOfToken(header));
        addInside(header.getBytes(StandardCharsets.UTF_8), more);
        add("token " + header, more);
    }

    /** From now on these are masked, as far as they are long enough to be told from other text. */
    public void learn(Collection<String> values) {
        for (String value : values) {
            synchronized (this) {
                if (value.length() < SHORTEST_INSIDE || value.length() > LONGEST_LEARNED || learned == MOST_LEARNED) {
                    continue;
                }
                learned += known.contains(value) ? 0 : 1;
            }
            add(value);
        }
    }

    private synchronized void add(String name, Set<Form> more) {
        if (!known.add(name) || more.isEmpty()) {
            return;
        }
        List<Form> before = forms;
        Set<String> texts = new HashSet<>();
        List<Form> all = new ArrayList<>();
        if (before != null) {
            for (Form form : before) {
                texts.add(form.text);
                all.add(form);
            }
        }
        for (Form form : more) {
            if (texts.add(form.text)) {
                all.add(form);
            }
        }
        all.sort(Comparator.comparingInt((Form form) -> form.text.length()).reversed());
        forms = List.copyOf(all);
    }

    // ---- Forms ----

    private static void addForms(String secret, Set<Form> forms) {
        forms.add(Form.whole(secret));
        String json = quoted(secret);
        forms.add(Form.whole(json));
        forms.add(Form.whole(json.replace("/", "\\/")));
        forms.add(Form.whole(ascii(json, false)));
        forms.add(Form.whole(ascii(json, true)));
        forms.add(Form.whole(html(secret)));
        String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        String percent = form.replace("+", "%20");
        // As encodeURIComponent does it, and as RFC 3986 does
        String component = percent.replace("%21", "!")
                .replace("%27", "'")
                .replace("%28", "(")
                .replace("%29", ")")
                .replace("%7E", "~");
        for (String encoded :
                List.of(form, percent, component, percent.replace("%7E", "~").replace("*", "%2A"))) {
            forms.add(Form.whole(encoded));
            forms.add(Form.whole(lowerEscapes(encoded)));
        }
        addBase64(secret.getBytes(StandardCharsets.UTF_8), forms);
    }

    private static void addBase64(byte[] bytes, Set<Form> forms) {
        String standard = Base64.getEncoder().withoutPadding().encodeToString(bytes);
        if (standard.length() >= SHORTEST_INSIDE) {
            String url = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            forms.add(Form.insideBase64(standard));
            forms.add(Form.insideBase64(url));
            forms.add(Form.whole(URLEncoder.encode(standard, StandardCharsets.UTF_8)));
        }
        addInside(bytes, forms);
    }

    /** As they stand somewhere inside of Base64 of more: what the characters at both ends say depends on their neighbours. */
    private static void addInside(byte[] bytes, Set<Form> forms) {
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = new byte[shift + bytes.length];
            System.arraycopy(bytes, 0, shifted, shift, bytes.length);
            int from = shift == 0 ? 0 : shift + 1;
            int to = 8 * shifted.length / 6;
            if (to - from >= SHORTEST_INSIDE) {
                forms.add(Form.insideBase64(
                        Base64.getEncoder().encodeToString(shifted).substring(from, to)));
                forms.add(Form.insideBase64(
                        Base64.getUrlEncoder().encodeToString(shifted).substring(from, to)));
            }
        }
    }

    private static String quoted(String text) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(text));
    }

    private static String ascii(String text, boolean upper) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                escaped.append(c);
            } else {
                String code = "%04x".formatted((int) c);
                escaped.append("\\u").append(upper ? code.toUpperCase(Locale.ROOT) : code);
            }
        }
        return escaped.toString();
    }

    private static String html(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String lowerEscapes(String encoded) {
        StringBuilder lower = new StringBuilder(encoded);
        for (int i = 0; i + 2 < lower.length(); i++) {
            if (lower.charAt(i) == '%') {
                for (int digit = i + 1; digit <= i + 2; digit++) {
                    int value = Character.digit(lower.charAt(digit), 16);
                    if (value >= 0) {
                        lower.setCharAt(digit, HEX[value]);
                    }
                }
                i += 2;
            }
        }
        return lower.toString();
    }

    // ---- Texts ----

    private static String masked(String text, List<Form> sought) {
        String masked = text;
        for (Form form : sought) {
            int found = masked.indexOf(form.text);
            if (found >= 0) {
                masked = replaced(masked, form, found);
            }
        }
        return masked;
    }

    private static String replaced(String text, Form form, int first) {
        StringBuilder masked = new StringBuilder(text.length());
        int done = 0;
        for (int found = first; found >= 0; found = text.indexOf(form.text, Math.max(done, found + 1))) {
            if (!form.counts(text, found)) {
                continue;
            }
            int from = found;
            while (from > done && form.before.test(text.charAt(from - 1))) {
                from--;
            }
            int to = found + form.text.length();
            while (to < text.length() && form.after.test(text.charAt(to))) {
                to++;
            }
            masked.append(text, done, from).append(MASK);
            done = to;
        }
        return masked.append(text, done, text.length()).toString();
    }

    /** Where a text ends with the beginning of a secret, it may have been cut there. */
    private static String maskedEnd(String text, List<Form> sought) {
        String cut = text.endsWith("…") ? text.substring(0, text.length() - 1) : text;
        for (Form form : sought) {
            for (int length = Math.min(form.text.length() - 1, cut.length()); length >= SHORTEST_BEGINNING; length--) {
                if (cut.regionMatches(cut.length() - length, form.text, 0, length)) {
                    return cut.substring(0, cut.length() - length) + MASK;
                }
            }
        }
        return text;
    }

    // ---- JSON ----

    /** Whether a form may stand in a text of that JSON; nothing is parsed where none can. */
    private static boolean mayHold(String json, List<Form> sought) {
        for (Form form : sought) {
            if (json.contains(form.text) || (!form.inJson.equals(form.text) && json.contains(form.inJson))) {
                return true;
            }
        }
        // Where a text was cut, only its beginning is there
        return json.length() > CUT_CHARS && json.indexOf('…') >= 0;
    }

    private static String maskedJson(String json, List<Form> sought) {
        StringWriter masked = new StringWriter(json.length());
        try (JsonParser in = LargeJson.FACTORY.createParser(json);
                JsonGenerator out = LargeJson.FACTORY.createGenerator(masked)) {
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                switch (token) {
                    case FIELD_NAME -> out.writeFieldName(masked(in.currentName(), sought));
                    case VALUE_STRING -> {
                        String text = masked(in.getText(), sought);
                        out.writeString(text.endsWith("…") ? maskedEnd(text, sought) : text);
                    }
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                        // A part of a number is none of the secret's
                        String number = in.getText();
                        if (sought.stream().anyMatch(form -> form.text.equals(number))) {
                            out.writeString(MASK);
                        } else {
                            out.writeNumber(number);
                        }
                    }
                    default -> out.copyCurrentEvent(in);
                }
            }
        } catch (IOException e) {
            // What is no JSON is not shown at all, rather than with a secret
            return '"' + MASK + '"';
        }
        return masked.toString();
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        List<Form> sought = forms;
        return "Masking[" + (sought == null ? 0 : sought.size()) + " forms]";
    }
}
