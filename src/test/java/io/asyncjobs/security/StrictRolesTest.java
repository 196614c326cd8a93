package io.asyncjobs.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.asyncjobs.testsupport.Fast;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Fast
class StrictRolesTest {

    private static final String CLAIMS = """
            {"groups": ["a", 1, null, ["b"]], "text": "a b", "realm_access": {"roles": ["c"], "text": "c"},
             "https://example.com/roles": ["d"], "resource_access": {"https://x/y": {"roles": ["e"]}}}
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "groups                                     | a",
                "realm_access/roles                         | c",
                "\"https://example.com/roles\"              | d",
                "resource_access/\"https://x/y\"/roles      | e",
                "text                                       |",
                "realm_access/text                          |",
                "realm_access                               |",
                "nowhere/at/all                             |",
            })
    void roles_are_an_array_of_texts_at_the_path(String path, @Nullable String role) {
        assertThat(roles(path)).isEqualTo(role == null ? Set.of() : Set.of(role));
    }

    @Test
    void roles_the_library_found_do_not_count() {
        assertThat(roles("nowhere")).doesNotContain("superadmin");
    }

    private static Set<String> roles(String path) {
        QuarkusSecurityIdentity found = QuarkusSecurityIdentity.builder()
                .setPrincipal(new Token())
                .addRole("superadmin")
                .build();
        return new StrictRoles(path, new ObjectMapper())
                .augment(found, blocking -> {
                    throw new UnsupportedOperationException();
                })
                .await()
                .indefinitely()
                .getRoles();
    }

    private record Token() implements JsonWebToken {

        @Override
        public String getName() {
            return "ada";
        }

        @Override
        public Set<String> getClaimNames() {
            return Set.of("raw_token");
        }

        @Override
        @SuppressWarnings("unchecked") // the interface lets the caller choose the type
        public <T> T getClaim(String name) {
            return (T) ("e30." + Base64.getUrlEncoder().encodeToString(CLAIMS.getBytes(StandardCharsets.UTF_8)) + ".x");
        }
    }
}
