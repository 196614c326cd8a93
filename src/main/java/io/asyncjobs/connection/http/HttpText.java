package io.asyncjobs.connection.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of an answer's bytes, or the reason why it is not known. A byte order mark names the charset, else the header
 * does, else the declaration inside XML or HTML; without any of them the bytes are UTF-8 or not known. Nothing is replaced:
 * bytes that are not what they are said to be give no text.
 *
 * @param text without a byte order mark; null where it is not known
 * @param charset of the text; null where it is not known
 * @param marked whether the bytes begin with the mark of UTF-8
 * @param unknown why there is no text, readable after "the answer"; null where there is one
 * @param textual whether media type, charset or bytes say that this is text
 */
record HttpText(
        @Nullable String text,
        @Nullable Charset charset,
        boolean marked,
        @Nullable String unknown,
        boolean textual) {

    /** Where declarations must stand. */
    private static final int DECLARATION_BYTES = 1024;

    private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
    private static final Charset UTF_32LE = Charset.forName("UTF-32LE");

    private static final Pattern CHARSET =
            Pattern.compile(";\\s*charset\\s*=\\s*[\"']?([A-Za-z0-9._:+-]{1,40})", Pattern.CASE_INSENSITIVE);
    private static final Pattern TEXT = Pattern.compile(
            "text/.*|application/(.*\\+)?(json|xml|yaml)|application/(json5|x-ndjson|ndjson|json-seq|javascript|graphql"
                    + "|x-yaml|x-www-form-urlencoded)|image/svg\\+xml");
    private static final Pattern MARKUP = Pattern.compile("text/html|.*[/+]xml");
    private static final Pattern XML =
            Pattern.compile("^\\s*<\\?xml\\s[^>]*?encoding\\s*=\\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']");
    private static final Pattern COMMENT = Pattern.compile("<!--.*?(-->|$)", Pattern.DOTALL);
    private static final Pattern META = Pattern.compile(
            "<meta\\s[^>]*?charset\\s*=\\s*[\"']?\\s*([A-Za-z0-9._:-]{1,40})", Pattern.CASE_INSENSITIVE);

    static HttpText of(byte[] bytes, String contentType) {
        String type = mediaType(contentType);
        String named = firstGroup(CHARSET, contentType);
        boolean textual = TEXT.matcher(type).matches();
        Charset mark = mark(bytes);
        if (mark != null) {
            String text = decoded(bytes, mark);
            if (text != null) {
                boolean known = textual || type.isEmpty() || named != null;
                return new HttpText(text, mark, mark.equals(StandardCharsets.UTF_8), null, known);
            }
        }
        if (named != null) {
            return said(bytes, named, "is sent as " + named, textual);
        }
        String declared = type.isEmpty() || textual ? declared(bytes, type) : null;
        if (declared != null) {
            return said(bytes, declared, "declares the encoding " + declared, true);
        }
        String text = decoded(bytes, StandardCharsets.UTF_8);
        return text != null
                ? new HttpText(text, StandardCharsets.UTF_8, false, null, textual || type.isEmpty())
                : new HttpText(null, null, false, "names no charset, and its bytes are not UTF-8", textual);
    }

    private static HttpText said(byte[] bytes, String name, String said, boolean textual) {
        Charset charset = charset(name);
        if (charset == null) {
            return new HttpText(null, null, false, said + ", a charset that is not known here", textual);
        }
        String text = decoded(bytes, charset);
        return text == null
                ? new HttpText(null, null, false, said + ", but its bytes are not", true)
                : new HttpText(text, charset, false, null, true);
    }

    /** The media type of a header, in lower case and without its parameters. */
    static String mediaType(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static @Nullable Charset mark(byte[] bytes) {
        if (begins(bytes, 0xEF, 0xBB, 0xBF)) {
            return StandardCharsets.UTF_8;
        }
        if (begins(bytes, 0xFF, 0xFE, 0, 0) && bytes.length % 4 == 0) {
            return UTF_32LE;
        }
        if (begins(bytes, 0, 0, 0xFE, 0xFF)) {
            return UTF_32BE;
        }
        if (begins(bytes, 0xFF, 0xFE)) {
            return StandardCharsets.UTF_16LE;
        }
        return begins(bytes, 0xFE, 0xFF) ? StandardCharsets.UTF_16BE : null;
    }

    private static boolean begins(byte[] bytes, int... with) {
        if (bytes.length < with.length) {
            return false;
        }
        for (int i = 0; i < with.length; i++) {
            if ((bytes[i] & 0xff) != with[i]) {
                return false;
            }
        }
        return true;
    }

    /** What the document says itself. Who says UTF-16 in single bytes is wrong about it. */
    private static @Nullable String declared(byte[] bytes, String type) {
        String beginning = new String(bytes, 0, Math.min(bytes.length, DECLARATION_BYTES), StandardCharsets.ISO_8859_1);
        String declared = firstGroup(XML, beginning);
        if (declared == null && (type.isEmpty() || MARKUP.matcher(type).matches())) {
            declared = firstGroup(META, COMMENT.matcher(beginning).replaceAll(" "));
        }
        return declared != null && declared.toLowerCase(Locale.ROOT).startsWith("utf-16") ? null : declared;
    }

    private static @Nullable Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return null;
        }
    }

    /** Without a byte order mark; null where the bytes are not in that charset. */
    private static @Nullable String decoded(byte[] bytes, Charset charset) {
        try {
            String text = charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static @Nullable String firstGroup(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }
}
