package io.asyncjobs.testsupport;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A form of a page, as a browser without scripts reads, fills and sends it. */
public final class HtmlForm {

    private static final Pattern FORM =
            Pattern.compile("<form\\b[^>]*\\baction=\"([^\"]*)\"[^>]*>(.*?)</form>", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile(
            "<input\\b([^>]*)>|<textarea\\b([^>]*)>\\n?(.*?)</textarea>|<select\\b([^>]*)>(.*?)</select>",
            Pattern.DOTALL);
    private static final Pattern ATTRIBUTE = Pattern.compile("([\\w-]+)(?:=\"([^\"]*)\")?");
    private static final Pattern OPTION = Pattern.compile("<option\\b([^>]*)>", Pattern.DOTALL);

    private final String action;
    private final Map<String, String> fields = new LinkedHashMap<>();

    private HtmlForm(String action, String html) {
        this.action = action;
        Matcher field = FIELD.matcher(html);
        while (field.find()) {
            if (field.group(1) != null) {
                addInput(attributes(field.group(1)));
            } else if (field.group(2) != null) {
                fields.put(
                        attributes(field.group(2)).getOrDefault("name", ""),
                        unescaped(field.group(3)).replaceAll("\r\n?", "\n"));
            } else {
                addSelect(attributes(field.group(4)).getOrDefault("name", ""), field.group(5));
            }
        }
    }

    /** The form of that page whose action ends so. */
    public static HtmlForm of(Response page, String action) {
        Matcher form = FORM.matcher(page.asString());
        while (form.find()) {
            if (unescaped(form.group(1)).endsWith(action)) {
                return new HtmlForm(unescaped(form.group(1)), form.group(2));
            }
        }
        throw new AssertionError("No form is sent to " + action + " in " + page.asString());
    }

    public String action() {
        return action;
    }

    public String value(String name) {
        return fields.getOrDefault(name, "");
    }

    public Map<String, String> fields() {
        return fields;
    }

    public HtmlForm with(String name, String value) {
        fields.put(name, value);
        return this;
    }

    /** In parts, with the line ends that browsers make. */
    public Response sendInParts(RequestSpecification request, String to) {
        RequestSpecification sent = request.contentType("multipart/form-data");
        fields.forEach((name, value) -> sent.multiPart(Pages.textPart(name, crLf(value))));
        return sent.post(to);
    }

    /** As one line of fields, with the line ends that browsers make. */
    public Response send(RequestSpecification request, String to) {
        RequestSpecification sent = request.contentType("application/x-www-form-urlencoded");
        fields.forEach((name, value) -> sent.formParam(name, crLf(value)));
        return sent.urlEncodingEnabled(true).post(to);
    }

    private void addInput(Map<String, String> input) {
        String name = input.get("name");
        boolean pressed = input.getOrDefault("type", "").matches("radio|checkbox") && !input.containsKey("checked");
        if (name != null && !pressed) {
            fields.put(name, input.getOrDefault("value", ""));
        }
    }

    private void addSelect(String name, String options) {
        Matcher option = OPTION.matcher(options);
        while (option.find()) {
            Map<String, String> attributes = attributes(option.group(1));
            if (attributes.containsKey("selected") || !fields.containsKey(name)) {
                fields.put(name, attributes.getOrDefault("value", ""));
            }
        }
    }

    private static Map<String, String> attributes(String tag) {
        Map<String, String> attributes = new LinkedHashMap<>();
        Matcher attribute = ATTRIBUTE.matcher(tag);
        while (attribute.find()) {
            attributes.put(attribute.group(1), attribute.group(2) == null ? "" : unescaped(attribute.group(2)));
        }
        return attributes;
    }

    private static String crLf(String value) {
        return value.replaceAll("\r\n|\r|\n", "\r\n");
    }

    private static String unescaped(String html) {
        return html.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }
}
