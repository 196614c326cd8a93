package io.asyncjobs.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.jwt.auth.principal.JWTParser;
import io.smallrye.jwt.auth.principal.ParseException;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class TokensTest {

    @Inject
    JWTParser parser;

    @Test
    void the_application_accepts_a_superadmins_token() throws ParseException {
        var token = parser.parse(Tokens.superadmin("alice"));

        assertThat(token.getName()).isEqualTo("alice");
        assertThat(token.getGroups()).containsExactly("superadmin");
    }

    @ParameterizedTest
    @MethodSource
    void the_application_refuses(String token) {
        assertThatThrownBy(() -> parser.parse(token)).isInstanceOf(ParseException.class);
    }

    static Stream<String> the_application_refuses() {
        return Stream.of(
                Tokens.draft().expiresIn(Duration.ofMinutes(-5)).sign(),
                Tokens.draft().without("exp").sign(),
                Tokens.draft().without("iss").sign(),
                Tokens.draft().without("aud").sign(),
                Tokens.draft().claim("iss", "somebody-else").sign(),
                Tokens.draft().claim("aud", "something-else").sign(),
                Tokens.draft().header("alg", "none").unsigned());
    }
}
