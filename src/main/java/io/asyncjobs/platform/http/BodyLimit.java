package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.TooLargeException;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Bounds bodies that come in chunks and do not say their length before. */
@Provider
public class BodyLimit implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        boolean mayHaveBody = !request.getMethod().equals(HttpMethod.GET)
                && !request.getMethod().equals(HttpMethod.HEAD);
        if (mayHaveBody && request.getHeaderString(HttpHeaders.CONTENT_LENGTH) == null) {
            request.setEntityStream(new Limited(request.getEntityStream()));
        }
    }

    private static final class Limited extends FilterInputStream {

        private long read;

        Limited(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            count(Math.max(count, 0));
            return count;
        }

        private void count(int more) {
            read += more;
            if (read > HttpLimits.MAX_BODY) {
                throw new TooLargeException(HttpLimits.bodyTooLarge());
            }
        }
    }
}
