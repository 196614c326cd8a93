package io.asyncjobs.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.Fast;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

@Fast
class ExactNumbersTest {

    private static final int ROUNDS = 20_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void every_number_is_the_same_to_a_script_or_refused_or_its_text() throws IOException {
        Random random = new Random(19);
        for (int round = 0; round < ROUNDS; round++) {
            String number = number(random);
            String json = "{\"a\":[\"1234567890123456789\"," + number + "]}";
            BigDecimal exact = new BigDecimal(number);
            boolean whole = exact.signum() == 0 || exact.stripTrailingZeros().scale() <= 0;

            String written = write(json, false);
            JsonNode asText = JSON.readTree(write(json, true)).path("a").path(1);

            boolean held = isHeld(number, exact);
            boolean tooLarge = Double.isInfinite(exact.doubleValue());
            if (whole || tooLarge) {
                assertThat(written)
                        .as(number)
                        .isEqualTo(
                                held
                                        ? json
                                        : "$[0].v.a[1] is "
                                                + (number.length() <= 40 ? number : number.substring(0, 40) + "…"));
                assertThat(asText.isNumber()).as(number).isEqualTo(held);
            } else {
                assertThat(written).as(number).isEqualTo(json);
            }
            if (asText.isTextual()) {
                assertThat(asText.textValue()).isEqualTo(number);
            } else {
                assertThat(new BigDecimal(Double.toString(asText.doubleValue())))
                        .as(number)
                        .isEqualByComparingTo(whole ? new BigDecimal(Double.toString(exact.doubleValue())) : exact);
            }
        }
    }

    private static boolean isHeld(String number, BigDecimal exact) {
        double nearest = Double.parseDouble(number);
        return Double.isFinite(nearest) && new BigDecimal(nearest).compareTo(exact) == 0;
    }

    private static String number(Random random) {
        StringBuilder number = new StringBuilder(random.nextInt(4) == 0 ? "-" : "");
        int digits = 1 + random.nextInt(random.nextInt(20) == 0 ? 330 : 24);
        number.append((char) ('1' + random.nextInt(9)));
        for (int i = 1; i < digits; i++) {
            number.append((char) ('0' + (random.nextInt(3) == 0 ? 0 : random.nextInt(10))));
        }
        if (random.nextInt(3) == 0) {
            number.append('.');
            for (int i = random.nextInt(24); i >= 0; i--) {
                number.append((char) ('0' + random.nextInt(10)));
            }
        }
        if (random.nextInt(5) == 0) {
            number.append(random.nextBoolean() ? 'e' : 'E').append(random.nextInt(60) - 30);
        }
        return number.toString();
    }

    /** What came out, or the beginning of the refusal. */
    private static String write(String json, boolean asText) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = LargeJson.FACTORY.createGenerator(text)) {
            ExactNumbers.write(json, "$[0].v", asText, out);
        } catch (ExactNumbers.InexactException e) {
            String message = String.valueOf(e.getMessage());
            return message.substring(0, message.indexOf(','));
        }
        return text.toString();
    }
}
