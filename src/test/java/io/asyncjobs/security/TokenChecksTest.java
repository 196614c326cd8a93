package io.asyncjobs.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class TokenChecksTest {

    private static final String PATH = "/api/v1/accounts";

    @Test
    void superadmin_may() {
        call(Tokens.superadmin("alice")).then().statusCode(200);
    }

    static Stream<Arguments> tokens_that_are_not_valid() throws GeneralSecurityException {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String none : List.of("none", "None", "NONE", "nOnE", "")) {
            tokens.put("alg " + none, superadmin().header("alg", none).unsigned());
            tokens.put(
                    "alg " + none + " with a good signature",
                    superadmin().header("alg", none).sign());
        }
        byte[] der = Tokens.publicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";
        for (String hmac : List.of("HS256", "HS384", "HS512")) {
            String java = hmac.replace("HS", "HmacSHA");
            tokens.put(
                    hmac + " with the public key",
                    superadmin().header("alg", hmac).sign(new SecretKeySpec(der, java), java));
            tokens.put(
                    hmac + " with the public key as PEM",
                    superadmin()
                            .header("alg", hmac)
                            .sign(new SecretKeySpec(pem.getBytes(StandardCharsets.US_ASCII), java), java));
        }
        KeyPair foreign = rsa();
        tokens.put("foreign key", superadmin().sign(foreign.getPrivate()));
        tokens.put(
                "foreign key in jwk",
                superadmin()
                        .header("jwk", jwk((RSAPublicKey) foreign.getPublic()))
                        .sign(foreign.getPrivate()));
        tokens.put(
                "foreign key by jku",
                superadmin().header("jku", "http://127.0.0.1:1/keys").sign(foreign.getPrivate()));
        tokens.put(
                "foreign key by x5u",
                superadmin().header("x5u", "http://127.0.0.1:1/cert").sign(foreign.getPrivate()));
        tokens.put(
                "foreign key in x5c",
                superadmin()
                        .header(
                                "x5c",
                                List.of(Base64.getEncoder()
                                        .encodeToString(foreign.getPublic().getEncoded())))
                        .sign(foreign.getPrivate()));
        tokens.put(
                "kid with a path",
                superadmin().header("kid", "../../../../dev/null").sign(foreign.getPrivate()));
        tokens.put(
                "kid with a path and an empty HMAC key",
                superadmin()
                        .header("alg", "HS256")
                        .header("kid", "/dev/null")
                        .sign(new SecretKeySpec(new byte[1], "HmacSHA256"), "HmacSHA256"));
        tokens.put("kid with SQL", superadmin().header("kid", "' or 1=1 --").sign(foreign.getPrivate()));
        tokens.put(
                "RS512 in the header only", superadmin().header("alg", "RS512").sign());
        tokens.put(
                "PS256 in the header only", superadmin().header("alg", "PS256").sign());
        tokens.put(
                "unknown critical header",
                superadmin().header("crit", List.of("x")).header("x", 1).sign());
        tokens.put("no issuer", superadmin().without("iss").sign());
        tokens.put(
                "wrong issuer",
                superadmin().claim("iss", "https://elsewhere.example").sign());
        tokens.put("no audience", superadmin().without("aud").sign());
        tokens.put(
                "wrong audience", superadmin().claim("aud", "another-service").sign());
        tokens.put(
                "wrong audiences", superadmin().claim("aud", List.of("a", "b")).sign());
        tokens.put("expired", superadmin().expiresIn(Duration.ofMinutes(-2)).sign());
        tokens.put("no expiry", superadmin().without("exp").sign());
        tokens.put("expiry as text", superadmin().claim("exp", "tomorrow").sign());
        tokens.put(
                "not yet valid",
                superadmin()
                        .claim("nbf", Instant.now().plusSeconds(300).getEpochSecond())
                        .sign());
        tokens.put("no user", superadmin().without("upn").without("sub").sign());
        tokens.put("user with NUL", superadmin().user("a\u0000b").sign());
        tokens.put("blank user", superadmin().user(" ").sign());
        tokens.put("endless user", superadmin().user("a".repeat(5000)).sign());
        String good = Tokens.superadmin("mallory");
        tokens.put("signature cut off", good.substring(0, good.lastIndexOf('.') + 1));
        tokens.put("signature changed", good.substring(0, good.length() - 8) + "AAAAAAAA");
        tokens.put(
                "claims of another token",
                good.split("\\.")[0]
                        + '.'
                        + superadmin().claim("x", 1).sign().split("\\.")[1]
                        + '.'
                        + good.split("\\.")[2]);
        tokens.put("two parts", good.substring(0, good.lastIndexOf('.')));
        tokens.put("no token at all", "hello");
        tokens.put("only dots", "..");
        return tokens.entrySet().stream().map(token -> Arguments.of(token.getKey(), token.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void tokens_that_are_not_valid(String name, String token) {
        call(token)
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", startsWith("Bearer"))
                .contentType("application/problem+json")
                .body("type", equalTo("https://asyncjobs.io/problems#unauthenticated"))
                .body("status", equalTo(401))
                .body("instance", equalTo(PATH));
    }

    static Stream<Arguments> roles_that_are_not_enough() {
        Map<String, Object> roles = new LinkedHashMap<>();
        roles.put("text", "superadmin");
        roles.put("text with others", "user superadmin");
        roles.put("none", List.of());
        roles.put("another", List.of("admin"));
        roles.put("space after", List.of("superadmin "));
        roles.put("space before", List.of(" superadmin"));
        roles.put("upper case", List.of("SUPERADMIN"));
        roles.put("title case", List.of("Superadmin"));
        roles.put("line end", List.of("superadmin\n"));
        roles.put("NUL", List.of("superadmin\u0000"));
        roles.put("longer", List.of("superadmins"));
        roles.put("joined", List.of("user,superadmin"));
        roles.put("nested", List.of(List.of("superadmin")));
        roles.put("object", Map.of("superadmin", true));
        roles.put("objects", List.of(Map.of("name", "superadmin")));
        roles.put("number", 1);
        roles.put("look-alike", List.of("ѕuperadmin"));
        roles.put("pattern", List.of("*", "**", "super.*"));
        return roles.entrySet().stream().map(role -> Arguments.of(role.getKey(), role.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void roles_that_are_not_enough(String name, Object groups) {
        forbidden(Tokens.draft().user("eve").claim("groups", groups).sign());
    }

    @Test
    void role_in_another_claim_is_not_enough() {
        forbidden(
                Tokens.draft().user("eve").claim("roles", List.of("superadmin")).sign());
        forbidden(Tokens.draft()
                .user("eve")
                .claim("realm_access", Map.of("roles", List.of("superadmin")))
                .sign());
        forbidden(Tokens.draft().user("eve").claim("scope", "superadmin").sign());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/nowhere",
                "/api/v1/accounts",
                "/api/v1/accounts/system",
                "/api/v1/nowhere",
                "/q/openapi",
                "/q/openapi.json",
                "/q/openapi.yaml",
                "/q/openapi-3.0",
                "/q/openapi-3.0.json",
                "/q/openapi-3.0.yaml",
                "/q/swagger-ui",
                "/q/swagger-ui/",
                "/q/dev-ui",
                "/q/metrics",
                "/q",
                "/q/nowhere",
                "/q/arc",
                "/q/info",
                "/openapi",
                "/admin/support/async-jobs",
                "/q/healthy",
                "/q/health-ui",
                "/q/health/../openapi",
                "/q/health/..%2fopenapi",
                "/q/health/%2e%2e/openapi",
                "/q/health/live/../../openapi",
                "//q/openapi",
                "/q//openapi",
                "/api//v1/accounts",
                "/q/health;x/../openapi",
                "/q/health/;/../../openapi",
                "/favicon.ico",
                "/index.html",
                "/META-INF/resources",
                "/%2e%2e/etc/passwd",
                "/q/health/..;/openapi"
            })
    void every_path_but_health_needs_a_token_and_the_role(String path) {
        Response without =
                given().urlEncodingEnabled(false).redirects().follow(false).get(path);
        Response withoutRole = given().urlEncodingEnabled(false)
                .redirects()
                .follow(false)
                .auth()
                .oauth2(Tokens.withRoles("eve", "user"))
                .get(path);

        // What stays below /q/health is open, but then there is nothing
        if (without.statusCode() != 404) {
            assertThat(without.statusCode()).isEqualTo(401);
            assertThat(without.contentType()).isEqualTo("application/problem+json");
            assertThat(without.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(withoutRole.statusCode()).isEqualTo(403);
            assertThat(withoutRole.contentType()).isEqualTo("application/problem+json");
        } else {
            assertThat(path).startsWith("/q/health/");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"})
    void every_method_needs_a_token(String method) {
        assertThat(given().request(method, PATH).statusCode()).isEqualTo(401);
        assertThat(given().auth()
                        .oauth2(Tokens.withRoles("eve", "user"))
                        .request(method, PATH)
                        .statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health", "/q/health/live", "/q/health/ready", "/q/health/started"})
    void health_is_open(String path) {
        assertThat(given().get(path).statusCode()).isEqualTo(200);
        assertThat(given().auth()
                        .oauth2(Tokens.withRoles("eve", "user"))
                        .get(path)
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic YTpi", "bearer", "Bearer", "Bearer ", "Digest x", "Bearer a b", ""})
    void other_authorization_is_no_token(String header) {
        assertThat(given().header("Authorization", header).get(PATH).statusCode())
                .isEqualTo(401);
    }

    @Test
    void token_counts_in_the_header_and_in_its_own_cookie_only() {
        String token = Tokens.superadmin("alice");

        assertThat(given().queryParam("access_token", token).get(PATH).statusCode())
                .isEqualTo(401);
        assertThat(given().cookie("Bearer", token).get(PATH).statusCode()).isEqualTo(401);
        assertThat(given().header("X-Forwarded-User", "alice").get(PATH).statusCode())
                .isEqualTo(401);
    }

    private static void forbidden(String token) {
        call(token)
                .then()
                .statusCode(403)
                .contentType("application/problem+json")
                .body("type", equalTo("https://asyncjobs.io/problems#forbidden"))
                .body("instance", equalTo(PATH));
    }

    private static Tokens.Draft superadmin() {
        return Tokens.draft().user("mallory").claim("groups", List.of("superadmin"));
    }

    private static Response call(String token) {
        return given().header("Authorization", "Bearer " + token).get(PATH);
    }

    private static KeyPair rsa() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static Map<String, Object> jwk(RSAPublicKey key) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return Map.of(
                "kty", "RSA",
                "n", base64.encodeToString(key.getModulus().toByteArray()),
                "e", base64.encodeToString(key.getPublicExponent().toByteArray()));
    }
}
