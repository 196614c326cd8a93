package io.asyncjobs.script.worker;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * XML as JSON, which the engine makes objects of much faster than code that builds them one by one. DTDs are passed over and
 * no entity but the five of XML itself is known, so a text cannot grow and reaches nothing outside.
 *
 * <p>What is wrong with a text is given as {@code !} and the reason.
 */
final class Xml {

    private static final int MOST_NESTED = 400;
    private static final int BATCH_CHARS = 64 * 1024;
    private static final XMLInputFactory FACTORY = factory();

    /** An element that is open. */
    private static final class Open {

        private final String name;
        private final StringBuilder attributes = new StringBuilder();
        private final StringBuilder text = new StringBuilder();
        /** As objects, by name. */
        private final Map<String, StringBuilder> byName = new LinkedHashMap<>();
        /** As nodes, in their order. */
        private final StringBuilder inOrder = new StringBuilder();

        private boolean elements;

        Open(String name) {
            this.name = name;
        }
    }

    private final String text;
    private final boolean nodes;
    private final boolean prefixes;
    private final @Nullable String wanted;
    private final Deque<Open> open = new ArrayDeque<>();
    private final StringBuilder found = new StringBuilder();
    private @Nullable XMLStreamReader reader;
    private int depth;
    private boolean ended;

    private Xml(String text, @Nullable String wanted, boolean nodes, boolean prefixes) {
        this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
        this.wanted = wanted;
        this.nodes = nodes;
        this.prefixes = prefixes;
    }

    /**
     * The whole document: an object with the root element.
     *
     * @param nodes whether elements keep their order, as {@code {name, attributes, children}}
     * @param prefixes whether names keep their prefixes
     */
    static String parse(String text, boolean nodes, boolean prefixes) {
        return new Xml(text, null, nodes, prefixes).next();
    }

    /** The elements of a name, those inside of others of it left out. */
    static Xml elements(String text, String name, boolean nodes, boolean prefixes) {
        return new Xml(text, name, nodes, prefixes);
    }

    /** A list of the next elements; an empty one at the end. */
    String nextBatch() {
        if (ended) {
            return "[]";
        }
        String elements = next();
        return elements.startsWith("!") ? elements : "[" + elements + "]";
    }

    private String next() {
        found.setLength(0);
        try {
            XMLStreamReader in = reader();
            while (in.hasNext() && found.length() < (wanted == null ? Integer.MAX_VALUE : BATCH_CHARS)) {
                handle(in, in.next());
                if (Thread.currentThread().isInterrupted()) {
                    throw new XMLStreamException("the run was stopped");
                }
            }
            ended = !in.hasNext();
            return found.toString();
        } catch (XMLStreamException e) {
            ended = true;
            return "!" + reason(e);
        }
    }

    private XMLStreamReader reader() throws XMLStreamException {
        XMLStreamReader in = reader;
        if (in == null) {
            // The factory keeps what it made last
            synchronized (FACTORY) {
                in = FACTORY.createXMLStreamReader(new StringReader(text));
            }
            reader = in;
        }
        return in;
    }

    private void handle(XMLStreamReader in, int event) throws XMLStreamException {
        switch (event) {
            case XMLStreamConstants.START_ELEMENT -> begin(in);
            case XMLStreamConstants.END_ELEMENT -> end();
            case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
                Open last = open.peekLast();
                if (last != null) {
                    last.text.append(in.getTextCharacters(), in.getTextStart(), in.getTextLength());
                }
            }
            case XMLStreamConstants.ENTITY_REFERENCE ->
                throw new XMLStreamException(
                        "the entity &" + in.getLocalName() + "; is not known: only those of XML itself are",
                        in.getLocation());
            default -> {
                // Comments, processing instructions and the DTD say nothing
            }
        }
    }

    private void begin(XMLStreamReader in) throws XMLStreamException {
        if (++depth > MOST_NESTED) {
            throw new XMLStreamException("elements are nested more than " + MOST_NESTED + " deep", in.getLocation());
        }
        String name = name(in.getPrefix(), in.getLocalName());
        if (wanted != null && open.isEmpty() && !name.equals(wanted)) {
            return;
        }
        Open element = new Open(name);
        if (prefixes) {
            for (int i = 0; i < in.getNamespaceCount(); i++) {
                String prefix = in.getNamespacePrefix(i);
                attribute(
                        element,
                        prefix == null || prefix.isEmpty() ? "xmlns" : "xmlns:" + prefix,
                        in.getNamespaceURI(i));
            }
        }
        for (int i = 0; i < in.getAttributeCount(); i++) {
            attribute(element, name(in.getAttributePrefix(i), in.getAttributeLocalName(i)), in.getAttributeValue(i));
        }
        Open parent = open.peekLast();
        if (parent != null) {
            parent.elements = true;
            if (nodes) {
                textNode(parent);
            }
        }
        open.addLast(element);
    }

    private String name(@Nullable String prefix, String local) {
        return !prefixes || prefix == null || prefix.isEmpty() ? local : prefix + ":" + local;
    }

    private void attribute(Open element, String name, @Nullable String value) {
        StringBuilder out = element.attributes;
        if (!out.isEmpty()) {
            out.append(',');
        }
        quote(nodes ? name : "@" + name, out);
        quote(value == null ? "" : value, out.append(':'));
    }

    private void end() {
        depth--;
        if (open.isEmpty()) {
            return;
        }
        Open element = open.removeLast();
        StringBuilder json = new StringBuilder();
        if (nodes) {
            textNode(element);
            quote(element.name, json.append("{\"name\":"));
            json.append(",\"attributes\":{")
                    .append(element.attributes)
                    .append("},\"children\":[")
                    .append(element.inOrder)
                    .append("]}");
        } else {
            object(element, json);
        }
        Open parent = open.peekLast();
        if (parent == null) {
            whole(element.name, json);
        } else if (nodes) {
            comma(parent.inOrder).append(json);
        } else {
            comma(parent.byName.computeIfAbsent(element.name, unused -> new StringBuilder()))
                    .append(json);
        }
    }

    private void whole(String name, StringBuilder json) {
        if (wanted != null) {
            comma(found).append(json);
        } else if (nodes) {
            found.append(json);
        } else {
            quote(name, found.append('{'));
            found.append(':').append(json).append('}');
        }
    }

    /** White space between elements says nothing; any other text is kept as it is. */
    private static boolean hasText(Open element) {
        return !element.text.isEmpty()
                && !(element.elements && element.text.toString().isBlank());
    }

    private static void object(Open element, StringBuilder json) {
        json.append('{').append(element.attributes);
        if (hasText(element)) {
            member("#text", json);
            quote(element.text, json);
        }
        element.byName.forEach((name, members) -> {
            member(name, json);
            json.append('[').append(members).append(']');
        });
        json.append('}');
    }

    private static void member(String name, StringBuilder json) {
        if (json.length() > 1) {
            json.append(',');
        }
        quote(name, json);
        json.append(':');
    }

    private static void textNode(Open element) {
        if (hasText(element)) {
            quote(element.text, comma(element.inOrder));
        }
        element.text.setLength(0);
    }

    private static StringBuilder comma(StringBuilder list) {
        return list.isEmpty() ? list : list.append(',');
    }

    private static void quote(CharSequence value, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u00").append(c < 16 ? '0' : '1').append(Character.forDigit(c & 15, 16));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static String reason(XMLStreamException e) {
        String message = String.valueOf(e.getMessage());
        int start = message.startsWith("ParseError at") ? message.indexOf("Message: ") : -1;
        String words = (start < 0 ? message : message.substring(start + 9))
                .lines()
                .findFirst()
                .orElse("no XML");
        Location at = e.getLocation();
        return at == null ? words : words + " (line " + at.getLineNumber() + ", column " + at.getColumnNumber() + ")";
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        // There is a lower one of the JDK, which does not name it well
        factory.setProperty("jdk.xml.maxElementDepth", "0");
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("nothing outside of the text is read");
        });
        return factory;
    }
}
