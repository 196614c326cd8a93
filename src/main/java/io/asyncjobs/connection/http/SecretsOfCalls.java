package io.asyncjobs.connection.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.asyncjobs.connection.CallHeaders;
import io.asyncjobs.connection.ConnectionCallException;
import io.asyncjobs.connection.HttpSettings;
import io.asyncjobs.connection.LargeJson;
import io.asyncjobs.connection.OpenConnection;
import io.asyncjobs.connection.Signatures;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Puts named secrets into a call where a script has asked for them by name. */
final class SecretsOfCalls {

    private static final String FORM = "application/x-www-form-urlencoded";

    private SecretsOfCalls() {}

    /** The body with the secrets in its fields: a JSON object, or a form. */
    static byte[] filled(
            OpenConnection<HttpSettings> connection, Map<String, String> fields, byte[] body, String contentType) {
        String name = connection.name();
        String text = new String(body, StandardCharsets.UTF_8);
        String type = HttpText.mediaType(contentType);
        boolean form = type.equals(FORM);
        if (!form && !type.equals("application/json") && !type.endsWith("+json")) {
            throw HttpFailures.refused(name, "secretFields needs a body of JSON or of a form, and this is " + type);
        }
        Set<String> present = form ? namesOfForm(text) : namesOfJson(name, text);
        StringBuilder filled = new StringBuilder();
        new TreeMap<>(fields).forEach((field, secret) -> {
            if (present.contains(field)) {
                throw HttpFailures.refused(
                        name,
                        "the body has the field '" + ConnectionCallException.shown(field) + "' of secretFields"
                                + " already");
            }
            String value = Signatures.secret(connection, secret);
            filled.append(filled.isEmpty() ? "" : form ? "&" : ",")
                    .append(form ? encoded(field) + "=" + encoded(value) : quoted(field) + ":" + quoted(value));
        });
        if (form) {
            return (text.isEmpty() ? filled.toString() : text + "&" + filled).getBytes(StandardCharsets.UTF_8);
        }
        int begin = text.indexOf('{') + 1;
        return (text.substring(0, begin) + filled + (present.isEmpty() ? "" : ",") + text.substring(begin))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The value of the header with the signature. */
    static String signature(
            OpenConnection<HttpSettings> connection, HttpSecrets.Sign sign, Map<String, String> headers, byte[] body) {
        String name = connection.name();
        String fault = CallHeaders.faultOfScript(sign.header(), sign.prefix(), connection.settings());
        if (fault != null) {
            throw HttpFailures.refused(
                    name, "the header of sign '" + ConnectionCallException.shown(sign.header()) + "' " + fault);
        }
        if (headers.keySet().stream().anyMatch(sign.header()::equalsIgnoreCase)) {
            throw HttpFailures.refused(name, "the header of sign is among the headers already");
        }
        byte[] signed = Signatures.sign(connection, sign.secret(), sign.algorithm(), body);
        return sign.prefix()
                + switch (sign.encoding()) {
                    case "hex" -> HexFormat.of().formatHex(signed);
                    case "base64" -> Base64.getEncoder().encodeToString(signed);
                    default -> throw HttpFailures.refused(name, "the encoding of sign is hex or base64");
                };
    }

    private static Set<String> namesOfJson(String connection, String text) {
        Set<String> names = new TreeSet<>();
        try (JsonParser in = LargeJson.FACTORY.createParser(text)) {
            if (in.nextToken() == JsonToken.START_OBJECT) {
                while (in.nextToken() == JsonToken.FIELD_NAME) {
                    names.add(in.currentName());
                    in.nextToken();
                    in.skipChildren();
                }
                if (in.currentToken() == JsonToken.END_OBJECT && in.nextToken() == null) {
                    return names;
                }
            }
        } catch (IOException e) {
            // Said below
        }
        throw HttpFailures.refused(connection, "secretFields needs a body that is a JSON object");
    }

    private static Set<String> namesOfForm(String text) {
        Set<String> names = new TreeSet<>();
        Arrays.stream(text.split("&")).forEach(field -> {
            int equals = field.indexOf('=');
            String name = equals < 0 ? field : field.substring(0, equals);
            try {
                names.add(URLDecoder.decode(name, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                names.add(name);
            }
        });
        return names;
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
