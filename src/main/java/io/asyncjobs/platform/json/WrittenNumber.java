package io.asyncjobs.platform.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** A number that is written as it was read: {@code 1.10}, {@code 1e3} and {@code -0} keep their text. */
@SuppressWarnings("serial") // Trees are not serialised by Java
final class WrittenNumber extends NumericNode {

    private final String text;
    private final DecimalNode value;

    WrittenNumber(String text, BigDecimal value) {
        this.text = text;
        this.value = DecimalNode.valueOf(value);
    }

    @Override
    public void serialize(JsonGenerator json, SerializerProvider provider) throws IOException {
        if (json instanceof TokenBuffer buffer) {
            // From one tree to another: as a number it would lose its text there
            buffer.writeEmbeddedObject(this);
        } else {
            json.writeNumber(text);
        }
    }

    @Override
    public String asText() {
        return text;
    }

    @Override
    public JsonToken asToken() {
        return value.asToken();
    }

    @Override
    public JsonParser.NumberType numberType() {
        return value.numberType();
    }

    @Override
    public boolean isFloatingPointNumber() {
        return true;
    }

    @Override
    public boolean isBigDecimal() {
        return true;
    }

    @Override
    public boolean canConvertToInt() {
        return value.canConvertToInt();
    }

    @Override
    public boolean canConvertToLong() {
        return value.canConvertToLong();
    }

    @Override
    public Number numberValue() {
        return value.numberValue();
    }

    @Override
    public int intValue() {
        return value.intValue();
    }

    @Override
    public long longValue() {
        return value.longValue();
    }

    @Override
    public double doubleValue() {
        return value.doubleValue();
    }

    @Override
    public BigDecimal decimalValue() {
        return value.decimalValue();
    }

    @Override
    public BigInteger bigIntegerValue() {
        return value.bigIntegerValue();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WrittenNumber number && number.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
