package io.asyncjobs.script.worker;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds in JSON the integers that a number of JavaScript cannot hold, and numbers too large for any: parsed, they would become
 * a neighbouring number or infinity. What is no JSON is left to the parser.
 */
final class ExactNumbers {

    /** Each integer of fewer digits is exact. */
    private static final int FIRST_IN_DOUBT = 16;
    /** A longer number is not looked at digit by digit: with so many before the point it is too large for any. */
    private static final int MOST_DIGITS = 800;

    private final String json;
    private final boolean own;
    private final List<Object> path = new ArrayList<>();
    private final @Nullable StringBuilder rewritten;
    private int copied;
    private @Nullable String found;

    private ExactNumbers(String json, boolean own, boolean rewrite) {
        this.json = json;
        this.own = own;
        this.rewritten = rewrite ? new StringBuilder(json.length() + 64) : null;
    }

    /**
     * Where the first such number is and what is wrong with it, like {@code " at $.items[3].id is …"}; null without one.
     *
     * @param own whether scripts may have written it: then the digits that JavaScript writes stand for its number
     */
    static @Nullable String problem(String json, boolean own) {
        ExactNumbers look = new ExactNumbers(json, own, false);
        look.scan();
        return look.found;
    }

    /** The same JSON with each such number as text, decimals that a number would round included; null when there is none. */
    static @Nullable String asText(String json) {
        ExactNumbers look = new ExactNumbers(json, false, true);
        look.scan();
        return look.rewritten == null || look.rewritten.isEmpty()
                ? null
                : look.rewritten.append(json, look.copied, json.length()).toString();
    }

    private void scan() {
        int i = 0;
        while (i < json.length() && found == null) {
            char c = json.charAt(i);
            switch (c) {
                case '"' -> {
                    int end = endOfText(i);
                    if (!path.isEmpty() && path.getLast() instanceof Key key && key.start < 0) {
                        key.start = i;
                        key.end = end;
                    }
                    i = end;
                }
                case '{' -> {
                    path.add(new Key());
                    i++;
                }
                case '[' -> {
                    path.add(0);
                    i++;
                }
                case '}', ']' -> {
                    if (!path.isEmpty()) {
                        path.removeLast();
                    }
                    i++;
                }
                case ',' -> {
                    if (!path.isEmpty()) {
                        Object last = path.removeLast();
                        path.add(last instanceof Integer index ? index + 1 : new Key());
                    }
                    i++;
                }
                default -> {
                    if (c == '-' || c >= '0' && c <= '9') {
                        int end = endOfNumber(i);
                        number(i, end);
                        i = end;
                    } else {
                        i++;
                    }
                }
            }
        }
    }

    /** The name of a member, once it has been read. */
    private static final class Key {
        int start = -1;
        int end;
    }

    private int endOfText(int start) {
        int i = start + 1;
        while (i < json.length() && json.charAt(i) != '"') {
            i += json.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + 1, json.length());
    }

    private int endOfNumber(int start) {
        int i = start + 1;
        while (i < json.length() && "0123456789+-.eE".indexOf(json.charAt(i)) >= 0) {
            i++;
        }
        return i;
    }

    private void number(int start, int end) {
        String why = why(start, end);
        if (why == null) {
            return;
        }
        if (rewritten == null) {
            found = " at " + pathText() + " is " + shortened(json.substring(start, end)) + ", " + why;
        } else {
            rewritten
                    .append(json, copied, start)
                    .append('"')
                    .append(json, start, end)
                    .append('"');
            copied = end;
        }
    }

    private @Nullable String why(int start, int end) {
        boolean plain = true;
        for (int i = start; i < end && plain; i++) {
            char c = json.charAt(i);
            plain = c != '.' && c != 'e' && c != 'E';
        }
        if (end - start < FIRST_IN_DOUBT && plain) {
            return null;
        }
        try {
            String text = json.substring(start, end);
            double held = Double.parseDouble(text);
            if (Double.isInfinite(held)) {
                return "which is larger than any number can be";
            }
            if (end - start < FIRST_IN_DOUBT || end - start > MOST_DIGITS) {
                return null;
            }
            BigDecimal exact = new BigDecimal(text);
            boolean asWritten = exact.compareTo(new BigDecimal(Double.toString(held))) == 0;
            if (exact.compareTo(new BigDecimal(held)) == 0 || asWritten && (own || !plain)) {
                return null;
            }
            if (exact.stripTrailingZeros().scale() <= 0) {
                return "an integer that a number cannot hold: it would become %.0f".formatted(new BigDecimal(held));
            }
            // The nearest number, as everywhere in JavaScript, unless the digits are asked for
            return rewritten == null ? null : "which a number rounds";
        } catch (NumberFormatException e) {
            // The parser will say so
            return null;
        }
    }

    private static String shortened(String number) {
        return number.length() <= 40 ? number : number.substring(0, 40) + "…";
    }

    private String pathText() {
        StringBuilder text = new StringBuilder("$");
        for (Object step : path) {
            if (step instanceof Key key) {
                String name = key.start < 0 ? "" : json.substring(key.start + 1, Math.max(key.start + 1, key.end - 1));
                text.append(name.matches("[A-Za-z_$][A-Za-z0-9_$]*") ? "." + name : "[\"" + name + "\"]");
            } else {
                text.append('[').append(step).append(']');
            }
        }
        return text.toString();
    }
}
