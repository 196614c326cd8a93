package io.asyncjobs.connection.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.asyncjobs.connection.LargeJson;
import io.asyncjobs.connection.Masking;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of JSON and of forms whose values are secrets: what a call sends in them is noted as {@link Masking#MASK}, what
 * an answer holds in them is a secret of the run from then on. Names count without regard to case, hyphens and underscores.
 */
final class Redaction {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_.~%+*\\[\\]-]+=[^\\s]*");
    private final Set<String> names;

    Redaction(List<String> names) {
        this.names = names.stream().map(Redaction::plain).collect(Collectors.toUnmodifiableSet());
    }

    /** A body as it may be noted: JSON stays JSON, a form a form, anything else is as it was. */
    String body(String body) {
        if (names.isEmpty() || body.isEmpty()) {
            return body;
        }
        int begin = 0;
        while (begin < body.length() - 1 && Character.isWhitespace(body.charAt(begin))) {
            begin++;
        }
        char first = body.charAt(begin);
        if (first == '{' || first == '[') {
            String json = json(body);
            return json == null ? body : json;
        }
        return FORM.matcher(body).matches() ? form(body) : body;
    }

    /** A path with its query as it may be noted. */
    String path(String path) {
        int mark = path.indexOf('?');
        return mark < 0 || names.isEmpty() ? path : path.substring(0, mark + 1) + form(path.substring(mark + 1));
    }

    /** What an answer holds in such fields. */
    List<String> valuesIn(HttpAnswer answer) {
        List<String> values = new ArrayList<>();
        String body = answer.body();
        if (names.isEmpty() || answer.base64() || body.isEmpty()) {
            return values;
        }
        if (FORM.matcher(body).matches()) {
            for (String field : body.split("&")) {
                int equals = field.indexOf('=');
                if (equals >= 0 && isSecret(decoded(field.substring(0, equals)))) {
                    values.add(decoded(field.substring(equals + 1)));
                }
            }
            return values;
        }
        try (JsonParser in = LargeJson.FACTORY.createParser(body)) {
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                if (token == JsonToken.VALUE_STRING && in.currentName() != null && isSecret(in.currentName())) {
                    values.add(in.getText());
                }
            }
        } catch (IOException e) {
            // No JSON, or no more of it
            return values;
        }
        return values;
    }

    private boolean isSecret(String name) {
        return names.contains(plain(name));
    }

    /** Null for what is no JSON. */
    private @Nullable String json(String body) {
        StringWriter redacted = new StringWriter(body.length());
        boolean changed = false;
        try (JsonParser in = LargeJson.FACTORY.createParser(body);
                JsonGenerator out = LargeJson.FACTORY.createGenerator(redacted)) {
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                if (token == JsonToken.FIELD_NAME && isSecret(in.currentName())) {
                    out.writeFieldName(in.currentName());
                    in.nextToken();
                    in.skipChildren();
                    out.writeString(Masking.MASK);
                    changed = true;
                } else if (token.isNumeric()) {
                    out.writeNumber(in.getText());
                } else {
                    out.copyCurrentEvent(in);
                }
            }
        } catch (IOException e) {
            return null;
        }
        return changed ? redacted.toString() : body;
    }

    private String form(String form) {
        String[] fields = form.split("&", -1);
        for (int i = 0; i < fields.length; i++) {
            int equals = fields[i].indexOf('=');
            if (equals >= 0 && isSecret(decoded(fields[i].substring(0, equals)))) {
                fields[i] = fields[i].substring(0, equals + 1) + Masking.MASK;
            }
        }
        return String.join("&", fields);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static String plain(String name) {
        return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }
}
