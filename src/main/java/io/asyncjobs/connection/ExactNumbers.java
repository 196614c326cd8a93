package io.asyncjobs.connection;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON of a database on its way to a script, whose numbers are doubles: what does not fit is refused, or becomes text. */
public final class ExactNumbers {

    /** Fewer digits always fit. */
    private static final int SAFE_DIGITS = 15;

    /** An integer of more digits is larger than any double. */
    private static final int MAX_INTEGER_DIGITS = 309;

    /** No double has more digits when it is written as short as it can be. */
    private static final int MAX_SHORT_DIGITS = 17;

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    /** A number that a double cannot hold; the message names its place. */
    public static final class InexactException extends Exception {

        private static final long serialVersionUID = 1;

        InexactException(String message) {
            super(message);
        }
    }

    private ExactNumbers() {}

    /**
     * Writes that JSON.
     *
     * @param place where it stands, like {@code $[0].detail}
     * @param asText whether each number that a double cannot hold exactly becomes its text; otherwise an integer of the
     *     kind is refused, and of a decimal the script sees the nearest double
     */
    public static void write(String jsonText, String place, boolean asText, JsonGenerator out)
            throws IOException, InexactException {
        if (!hasLongNumber(jsonText)) {
            out.writeRawValue(jsonText);
            return;
        }
        try (JsonParser in = LargeJson.FACTORY.createParser(jsonText)) {
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                if (!token.isNumeric()) {
                    if (asText) {
                        out.copyCurrentEvent(in);
                    }
                    continue;
                }
                String number = in.getText();
                if (asText) {
                    if (isExact(number)) {
                        out.writeNumber(number);
                    } else {
                        out.writeString(number);
                    }
                } else if (isLostInteger(number)) {
                    throw new InexactException("%s%s is %s, which a JavaScript number cannot hold; with"
                                    .formatted(place, path(in.getParsingContext()), shown(number))
                            + " { bigNumbers: 'text' } after the parameters such numbers come as text");
                }
            }
        }
        if (!asText) {
            out.writeRawValue(jsonText);
        }
    }

    /** A step of a path: {@code .name}, or {@code ["na me"]}. */
    public static String member(String name) {
        return IDENTIFIER.matcher(name).matches()
                ? "." + name
                : "[\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"]";
    }

    /** Whether there may be a number that a double does not hold; texts count too, which only costs a closer look. */
    private static boolean hasLongNumber(String text) {
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                if (++digits > SAFE_DIGITS) {
                    return true;
                }
            } else if ((c == 'e' || c == 'E') && digits > 0) {
                return true;
            } else if (c != '.') {
                digits = 0;
            }
        }
        return false;
    }

    /** Whether the number is whole, and none that a double holds; or larger than any double. */
    private static boolean isLostInteger(String number) {
        if (Double.isInfinite(Double.parseDouble(number))) {
            return true;
        }
        if (number.indexOf('.') < 0 && number.indexOf('e') < 0 && number.indexOf('E') < 0) {
            return number.length() > SAFE_DIGITS && !isHeld(number);
        }
        BigDecimal exact = new BigDecimal(number).stripTrailingZeros();
        return exact.scale() <= 0 && exact.precision() <= MAX_INTEGER_DIGITS && !isHeld(number);
    }

    private static boolean isHeld(String number) {
        return number.length() <= MAX_INTEGER_DIGITS + 100
                && new BigDecimal(Double.parseDouble(number)).compareTo(new BigDecimal(number)) == 0;
    }

    /** Whether a script that writes the double it sees writes the same number. */
    private static boolean isExact(String number) {
        double nearest = Double.parseDouble(number);
        if (Double.isInfinite(nearest)) {
            return false;
        }
        BigDecimal exact = new BigDecimal(number).stripTrailingZeros();
        if (exact.scale() <= 0) {
            return new BigDecimal(nearest).compareTo(exact) == 0;
        }
        return exact.precision() <= MAX_SHORT_DIGITS && new BigDecimal(Double.toString(nearest)).compareTo(exact) == 0;
    }

    private static String path(@Nullable JsonStreamContext context) {
        StringBuilder path = new StringBuilder();
        for (JsonStreamContext at = context; at != null && !at.inRoot(); at = at.getParent()) {
            path.insert(0, at.inArray() ? "[" + at.getCurrentIndex() + "]" : member(at.getCurrentName()));
        }
        return path.toString();
    }

    private static String shown(String number) {
        return number.length() <= 40 ? number : number.substring(0, 40) + "…";
    }
}
