package io.asyncjobs.security;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.NewCookie;
import java.time.Duration;
import java.util.Optional;

/** The cookie in which a browser keeps the token of who signed in: unreadable for scripts, never sent by other sites. */
public final class SessionCookie {

    /** The cookie's name. */
    public static final String NAME = "asyncjobs_session";

    /** Browsers drop a cookie of more than 4,096 bytes without a word; name and attributes count. */
    public static final int MAX_TOKEN = 3_800;

    /** Where somebody signs in; a token that came with an older session says nothing there. */
    static final String SIGN_IN = "/admin/sign-in";

    private SessionCookie() {}

    /** The token that came with the request, if one did. */
    static Optional<String> token(HttpServerRequest request) {
        Cookie cookie = request.getCookie(NAME);
        return Optional.ofNullable(cookie).map(Cookie::getValue).filter(value -> !value.isEmpty());
    }

    /** Keeps the token for that long; over TLS only, where it came over TLS. */
    public static NewCookie keep(String token, Duration timeToLive, boolean secure) {
        return cookie(token, (int) Math.min(Integer.MAX_VALUE, timeToLive.toSeconds()), secure);
    }

    /** Makes the browser forget. */
    public static NewCookie forget(boolean secure) {
        return cookie("", 0, secure);
    }

    private static NewCookie cookie(String value, int seconds, boolean secure) {
        return new NewCookie.Builder(NAME)
                .value(value)
                .path("/")
                .maxAge(seconds)
                .httpOnly(true)
                .secure(secure)
                .sameSite(NewCookie.SameSite.STRICT)
                .build();
    }
}
