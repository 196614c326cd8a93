package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What becomes of a number in JavaScript, where each is a double. */
final class JsNumbers {

    /** From so many digits on JavaScript writes a number with an exponent. */
    private static final int MOST_PLAIN_DIGITS = 21;

    private static final int MAX_SHOWN = 40;

    private JsNumbers() {}

    /** Why JavaScript has nothing for that number, readable after the name of its field; null where it has. */
    static @Nullable String fault(JsonNode number) {
        double held = number.doubleValue();
        boolean zero = number.decimalValue().signum() == 0;
        return !Double.isFinite(held) || (held == 0 && !zero)
                ? "must be a number that JavaScript can hold, was " + shown(number.asText())
                : null;
    }

    /**
     * As {@link #fault}, and a whole number must come back from JavaScript as the same one; one that is written by its digits
     * must also be what the double holds. A decimal becomes the nearest double, as everywhere in JavaScript.
     */
    static @Nullable String faultForScripts(JsonNode number) {
        String fault = fault(number);
        if (fault != null) {
            return fault;
        }
        BigDecimal sent = number.decimalValue();
        if (sent.signum() == 0 || sent.stripTrailingZeros().scale() > 0) {
            return null;
        }
        BigDecimal held = new BigDecimal(Double.toString(number.doubleValue()));
        if (held.compareTo(sent) == 0 && number.isIntegralNumber()) {
            held = new BigDecimal(number.doubleValue());
        }
        return held.compareTo(sent) == 0
                ? null
                : "must be a whole number that JavaScript can hold, or a text in quotes: " + shown(number.asText())
                        + " would become " + written(held);
    }

    private static String written(BigDecimal held) {
        return held.precision() - held.scale() <= MOST_PLAIN_DIGITS ? held.toPlainString() : held.toString();
    }

    private static String shown(String number) {
        return number.length() <= MAX_SHOWN ? number : number.substring(0, MAX_SHOWN) + "…";
    }
}
