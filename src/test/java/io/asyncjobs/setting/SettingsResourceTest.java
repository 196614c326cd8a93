package io.asyncjobs.setting;

import static io.asyncjobs.testsupport.Api.api;
import static io.asyncjobs.testsupport.Api.createJob;
import static io.asyncjobs.testsupport.Api.endedRuns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.DatabaseResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class SettingsResourceTest {

    private static final String PATH = "/settings/async-job-manager";

    @Inject
    Settings settings;

    @Inject
    Jdbi jdbi;

    @AfterEach
    void enable() {
        put(Map.of("enabled", true)).then().statusCode(200);
    }

    @Test
    void setting_is_there_from_the_start_for_superadmins_alone() {
        Response read = api().get(PATH);

        read.then()
                .statusCode(200)
                .body("name", equalTo("Async Job Manager"))
                .body("type", equalTo("Support"))
                .body("roles", contains("superadmin"))
                .body("enabled", equalTo(true));
        assertThat(read.jsonPath().getMap("$"))
                .containsOnlyKeys("name", "type", "roles", "enabled", "updatedAt", "updatedBy");
        api().header("If-None-Match", read.header("ETag")).get(PATH).then().statusCode(304);
    }

    @Test
    void disabling_is_on_the_trail_and_leaves_jobs_running() {
        put(Map.of("enabled", false, "reason", "not in this study"))
                .then()
                .statusCode(200)
                .body("enabled", equalTo(false))
                .body("updatedBy", equalTo("alice"));

        assertThat(settings.isEnabled()).isFalse();
        JsonPath trail = api().queryParam("entityType", "setting").get("/audit").jsonPath();
        assertThat(trail.getMap("items[0]"))
                .containsEntry("action", "update")
                .containsEntry("entityId", "async-job-manager")
                .containsEntry("entityName", "Async Job Manager")
                .containsEntry("reason", "not in this study")
                .containsEntry("before", Map.of("enabled", true))
                .containsEntry("after", Map.of("enabled", false));
        String job = createJob(1, "return 1").getString("id");
        assertThat(endedRuns(job, 1)).first().satisfies(run -> assertThat(run).containsEntry("outcome", "succeeded"));
        Api.archive(job);
    }

    @Test
    void change_needs_the_state_it_is_based_on() {
        String tag = api().get(PATH).header("ETag");

        api().body(Map.of("enabled", false)).put(PATH).then().statusCode(428);
        put(Map.of("enabled", false)).then().statusCode(200);
        api().header("If-Match", tag)
                .body(Map.of("enabled", true))
                .put(PATH)
                .then()
                .statusCode(412);
        api().header("If-Match", api().get(PATH).header("ETag"))
                .body(Map.of("enabled", true))
                .put(PATH)
                .then()
                .statusCode(200);
        assertThat(settings.isEnabled()).isTrue();
    }

    @Test
    void change_without_effect_leaves_no_trace() {
        Response before = api().get(PATH);
        int events = events();

        put(Map.of("name", "Async Job Manager", "type", "Support", "roles", List.of("superadmin"), "enabled", true))
                .then()
                .statusCode(200);

        assertThat(api().get(PATH).asString()).isEqualTo(before.asString());
        assertThat(events()).isEqualTo(events);
    }

    @Test
    void name_and_type_are_fixed() {
        put(Map.of("name", "Jobs", "type", "Other", "enabled", false))
                .then()
                .statusCode(422)
                .body("violations.field", contains("name", "type"));
        put(Map.of()).then().statusCode(422).body("violations.field", contains("enabled"));
        put(Map.of("enabled", true, "colour", "red"))
                .then()
                .statusCode(422)
                .body("violations.field", contains("colour"));
        assertThat(settings.isEnabled()).isTrue();
    }

    @Test
    void roles_are_neither_widened_nor_emptied() {
        for (List<String> roles :
                List.of(List.<String>of(), List.of("superadmin", "admin"), List.of("admin"), List.of("SUPERADMIN"))) {
            put(Map.of("roles", roles, "enabled", false))
                    .then()
                    .statusCode(409)
                    .body("type", endsWith("#setting-roles-fixed"))
                    .body("detail", containsString("superadmin"));
        }
        api().get(PATH).then().body("roles", contains("superadmin")).body("enabled", equalTo(true));
        assertThatThrownBy(() -> jdbi.useHandle(
                        handle -> handle.execute("update setting set roles = array['superadmin', 'admin']")))
                .hasMessageContaining("setting_roles_fixed");
    }

    private static int events() {
        return api().queryParam("entityType", "setting")
                .get("/audit")
                .jsonPath()
                .getInt("total");
    }

    private static Response put(Map<String, Object> draft) {
        return api().header("If-Match", "*").body(new HashMap<>(draft)).put(PATH);
    }
}
