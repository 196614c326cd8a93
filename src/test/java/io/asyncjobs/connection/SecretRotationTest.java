package io.asyncjobs.connection;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.unique;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.crypto.EncryptionConfig;
import io.asyncjobs.platform.crypto.SecretBox;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** A start with a new primary key, the one that sealed so far being behind it. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SecretRotationTest {

    private static final String SECRET = "hunter2";
    private static final String TARGET = "BEARER http://127.0.0.1";
    private static final String OLD_KEY = SecretBox.newKey("old");
    private static final String LOST_KEY = SecretBox.newKey("lost");

    @Inject
    EncryptionConfig config;

    @Inject
    StoredSettings stored;

    @Inject
    Jdbi jdbi;

    @Inject
    OpenConnections connections;

    @Test
    void secret_of_the_old_key_opens_without_it_and_nothing_else_changes() {
        String name = connectionSealedWith(OLD_KEY);
        Response before = api().get("/connections/{name}", name);
        long events = events(name);

        rotation().onStart(new StartupEvent());

        assertThat(connections.http(name).secret()).isEqualTo(SECRET);
        Response after = api().get("/connections/{name}", name);
        assertThat(after.header("ETag")).isEqualTo(before.header("ETag"));
        assertThat(after.asString()).isEqualTo(before.asString());
        assertThat(events(name)).isEqualTo(events);
        byte[] sealed = sealed(name);
        rotation().onStart(new StartupEvent());
        assertThat(sealed(name)).isEqualTo(sealed);
    }

    @Test
    void secret_whose_key_is_lost_stays_as_it_is_and_the_others_are_sealed() {
        String lost = connectionSealedWith(LOST_KEY);
        String altered = connectionSealedWith(OLD_KEY);
        byte[] sealed = sealed(altered);
        sealed[sealed.length - 1] ^= 1;
        store(altered, sealed);
        byte[] unreadable = sealed(lost);
        String old = connectionSealedWith(OLD_KEY);

        rotation().onStart(new StartupEvent());

        assertThat(sealed(lost)).isEqualTo(unreadable);
        assertThat(sealed(altered)).isEqualTo(sealed);
        assertThat(connections.http(old).secret()).isEqualTo(SECRET);
    }

    @Test
    void nodes_that_start_at_once_do_not_disturb_one_another() {
        List<String> names = IntStream.range(0, 20)
                .mapToObj(any -> connectionSealedWith(OLD_KEY))
                .toList();

        List<CompletableFuture<Void>> nodes = Stream.generate(
                        () -> CompletableFuture.runAsync(() -> rotation().onStart(new StartupEvent())))
                .limit(3)
                .toList();
        nodes.forEach(CompletableFuture::join);

        assertThat(names)
                .allSatisfy(name -> assertThat(connections.http(name).secret()).isEqualTo(SECRET));
    }

    @Test
    void service_without_a_key_leaves_all_as_it_is() {
        String name = connectionSealedWith(OLD_KEY);
        byte[] sealed = sealed(name);

        new SecretRotation(new ConnectionSecrets(box()), stored, jdbi).onStart(new StartupEvent());

        assertThat(sealed(name)).isEqualTo(sealed);
    }

    /** As in a node whose keys are the service's, first, and the old one. */
    private SecretRotation rotation() {
        String primary = config.keys().orElseThrow().getFirst();
        return new SecretRotation(new ConnectionSecrets(box(primary, OLD_KEY)), stored, jdbi);
    }

    private String connectionSealedWith(String key) {
        String name = unique("rotated");
        String id = api().body(Map.of(
                        "http",
                        Map.of("baseUrl", "http://127.0.0.1", "authentication", Map.of("type", "bearer")),
                        "secret",
                        "another"))
                .put("/connections/{name}", name)
                .jsonPath()
                .getString("id");
        store(name, new ConnectionSecrets(box(key)).seal(UUID.fromString(id), TARGET, SECRET));
        return name;
    }

    private byte[] sealed(String name) {
        return jdbi.withHandle(handle -> handle.createQuery("select sealed_secret from connection where name = :name")
                .bind("name", name)
                .mapTo(byte[].class)
                .one());
    }

    private void store(String name, byte[] sealed) {
        jdbi.useHandle(handle -> handle.createUpdate("update connection set sealed_secret = :sealed where name = :name")
                .bind("sealed", sealed)
                .bind("name", name)
                .execute());
    }

    private static long events(String name) {
        return api().queryParam("entity", name).get("/audit").jsonPath().getLong("total");
    }

    private static SecretBox box(String... keys) {
        return new SecretBox(new EncryptionConfig() {
            @Override
            public Optional<List<String>> keys() {
                return keys.length == 0 ? Optional.empty() : Optional.of(List.of(keys));
            }

            @Override
            public Optional<String> primaryKey() {
                return Optional.empty();
            }
        });
    }
}
