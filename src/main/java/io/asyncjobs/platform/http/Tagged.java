package io.asyncjobs.platform.http;

import jakarta.ws.rs.core.HttpHeaders;
import java.net.URI;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * What was read or saved, with the tag of that state.
 *
 * @param etag strong, quoted as in the header
 */
public record Tagged<T>(T body, String etag) {

    /** 200 with the body and its ETag. */
    public RestResponse<T> ok() {
        return with(RestResponse.ResponseBuilder.ok(body));
    }

    /** 201 with the body, its ETag and where it is found. */
    public RestResponse<T> created(URI location) {
        return with(RestResponse.ResponseBuilder.<T>created(location).entity(body));
    }

    /** 200, or 304 without a body when If-None-Match says that the reader has this state already. */
    public RestResponse<T> unlessKnown(@Nullable String ifNoneMatch) {
        return EntityTags.isKnown(ifNoneMatch, etag) ? with(RestResponse.ResponseBuilder.notModified()) : ok();
    }

    private RestResponse<T> with(RestResponse.ResponseBuilder<T> answer) {
        return answer.header(HttpHeaders.ETAG, etag).build();
    }
}
