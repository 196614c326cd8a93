package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.MalformedException;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.ws.rs.core.UriInfo;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Refuses an address of the API whose escapes are no UTF-8: the server reads U+FFFD for them, and a key, a name or a filter
 * would be another one than was sent.
 */
public class AddressText {

    private final CurrentVertxRequest current;

    AddressText(CurrentVertxRequest current) {
        this.current = current;
    }

    @ServerRequestFilter
    public void check(UriInfo address) {
        if (address.getPath().startsWith(KnownQueryParameters.API)) {
            String raw = current.getCurrent().request().uri();
            int query = raw.indexOf('?');
            require(query < 0 ? raw : raw.substring(0, query), "path");
            require(query < 0 ? "" : raw.substring(query + 1), "query");
        }
    }

    private static void require(String raw, String part) {
        if (raw.indexOf('%') < 0) {
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            int high = raw.charAt(i) == '%' && i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(raw.charAt(i + 2), 16);
            if (low < 0) {
                // What is not escaped is ASCII, or has its own form checked by the server
                bytes.write(raw.charAt(i) < 0x80 ? raw.charAt(i) : '?');
            } else {
                bytes.write(high * 16 + low);
                i += 2;
            }
        }
        try {
            var unused = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
        } catch (CharacterCodingException e) {
            throw new MalformedException("The " + part + " of the address has escapes that are not valid UTF-8.");
        }
    }
}
