package io.asyncjobs.platform.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jboss.logging.Logger;

/**
 * Forms of pages that were sent without a valid token. They are read within the bounds that {@link FrontDoor} sets for strangers,
 * so that the page to sign in can carry on what was typed; nothing of them is kept on the server.
 */
@Singleton
public class SentForms {

    private static final Logger LOG = Logger.getLogger(SentForms.class);
    private static final String FIELDS = "asyncjobs.sent-form";
    private static final String PAGES = "/admin/";

    /** More than any page has. */
    private static final int MOST_FIELDS = 500;

    private final FrontDoor door;
    private final Vertx vertx;

    SentForms(FrontDoor door, Vertx vertx) {
        this.door = door;
        this.vertx = vertx;
    }

    /** Goes on with the request once its form is read; at once where it is none that a browser sent from a page. */
    public void read(RoutingContext request, Runnable then) {
        if (!isRead(request)) {
            then.run();
            return;
        }
        String type = request.request().getHeader(HttpHeaders.CONTENT_TYPE);
        // Beside the event loop: a form may hold a megabyte, and the page to sign in holds it again
        door.read(request, body -> vertx.executeBlocking(
                        () -> {
                            request.put(FIELDS, fields(type, body));
                            then.run();
                            return true;
                        },
                        false)
                .onFailure(request::fail));
    }

    /** The fields that were read, in their order, or none. */
    public static Map<String, String> of(RoutingContext request) {
        Map<String, String> fields = request.get(FIELDS);
        return fields == null ? Map.of() : fields;
    }

    /** The fields of the form that the request brought, in their order; none where it brought no form, or it was not read. */
    public static Map<String, String> sent(RoutingContext request) {
        Buffer body = request.body() == null ? null : request.body().buffer();
        if (body == null || !isOfAPage(request)) {
            return of(request);
        }
        return fields(request.request().getHeader(HttpHeaders.CONTENT_TYPE), body);
    }

    /** Whether its form is read where it came without a valid token. */
    static boolean isRead(RoutingContext request) {
        String accepted = request.request().getHeader(HttpHeaders.ACCEPT);
        return accepted != null && accepted.contains("text/html") && isOfAPage(request);
    }

    /** Whether a page's form was sent. Forms of other sites do not come as far as here. */
    static boolean isOfAPage(RoutingContext request) {
        String type = Objects.requireNonNullElse(request.request().getHeader(HttpHeaders.CONTENT_TYPE), "")
                .toLowerCase(Locale.ROOT);
        return request.request().method() == HttpMethod.POST
                && request.normalizedPath().startsWith(PAGES)
                && request.request().getHeader(HttpHeaders.AUTHORIZATION) == null
                && (type.startsWith("multipart/form-data") || type.startsWith("application/x-www-form-urlencoded"));
    }

    private static Map<String, String> fields(String type, Buffer body) {
        Map<String, String> fields = new LinkedHashMap<>();
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                io.netty.handler.codec.http.HttpMethod.POST,
                "/",
                Unpooled.wrappedBuffer(body.getBytes()));
        request.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        HttpPostRequestDecoder decoder = null;
        try {
            decoder = new HttpPostRequestDecoder(
                    new DefaultHttpDataFactory(false, StandardCharsets.UTF_8),
                    request,
                    StandardCharsets.UTF_8,
                    MOST_FIELDS,
                    -1);
            for (InterfaceHttpData part : decoder.getBodyHttpDatas()) {
                if (part instanceof Attribute field) {
                    fields.putIfAbsent(field.getName(), field.getValue());
                }
            }
        } catch (IOException | RuntimeException e) {
            // Whatever a stranger sends; the page to sign in comes without it
            LOG.debug("A form cannot be read", e);
        } finally {
            if (decoder != null) {
                decoder.destroy();
            }
        }
        return fields;
    }
}
