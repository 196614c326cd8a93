package io.asyncjobs.connection.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads PostgreSQL's text of an array, such as {@code {1,NULL,"a b"}}. */
final class SqlArrays {

    /** An element: a text, null, or an array again. */
    sealed interface Element {

        record Value(@Nullable String text) implements Element {}

        record Nested(List<Element> elements) implements Element {

            public Nested {
                elements = List.copyOf(elements);
            }
        }
    }

    private final String text;
    private final char separator;
    private int at;

    private SqlArrays(String text, char separator) {
        this.text = text;
        this.separator = separator;
    }

    /** Empty for what is no array. */
    static Optional<List<Element>> read(String text, char separator) {
        SqlArrays reader = new SqlArrays(text, separator);
        // Bounds that do not begin with 1 stand before the elements: [2:3]={a,b}
        reader.at = text.startsWith("[") ? text.indexOf('=') + 1 : 0;
        try {
            List<Element> elements = reader.elements();
            return reader.at == text.length() ? Optional.of(elements) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private List<Element> elements() {
        take('{');
        List<Element> elements = new ArrayList<>();
        if (peek() == '}') {
            at++;
            return elements;
        }
        while (true) {
            elements.add(
                    switch (peek()) {
                        case '{' -> new Element.Nested(elements());
                        case '"' -> new Element.Value(quoted());
                        default -> plain();
                    });
            if (peek() == '}') {
                at++;
                return elements;
            }
            take(separator);
        }
    }

    private String quoted() {
        take('"');
        StringBuilder value = new StringBuilder();
        while (peek() != '"') {
            if (peek() == '\\') {
                at++;
            }
            value.append(peek());
            at++;
        }
        at++;
        return value.toString();
    }

    private Element.Value plain() {
        StringBuilder value = new StringBuilder();
        while (peek() != separator && peek() != '}') {
            if (peek() == '\\') {
                at++;
            }
            value.append(peek());
            at++;
        }
        String word = value.toString();
        return new Element.Value(word.equals("NULL") ? null : word);
    }

    private char peek() {
        if (at >= text.length()) {
            throw new IllegalArgumentException("ends within an array");
        }
        return text.charAt(at);
    }

    private void take(char expected) {
        if (peek() != expected) {
            throw new IllegalArgumentException("expected " + expected);
        }
        at++;
    }
}
