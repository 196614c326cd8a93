package io.asyncjobs.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.platform.DataFolder;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.platform.embedded.EmbeddedDatabase;
import io.asyncjobs.testsupport.ForeignDatabase;
import io.asyncjobs.testsupport.ServiceProcess;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service whose scripts may use its own database server, with a role that cannot reach the service's tables, with and
 * without TLS.
 */
@TestInstance(Lifecycle.PER_CLASS)
class OwnServerIT {

    private static final String PASSWORD = "of-the-scripts";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private EmbeddedDatabase database;
    private ServiceProcess service;
    private String token;

    @BeforeAll
    void start() throws Exception {
        database = EmbeddedDatabase.startVolatile(DataFolder.at(folder.resolve("database")));
        EmbeddedDatabase.Coordinates at = database.coordinates();
        offerTls();
        asSuperuser(
                "alter system set ssl = on",
                "select pg_reload_conf()",
                "create role scripts login password '" + PASSWORD + "'");
        service = ServiceProcess.startIn(
                folder.resolve("data"),
                Map.of(
                        "QUARKUS_DATASOURCE_JDBC_URL", at.jdbcUrl(),
                        "QUARKUS_DATASOURCE_USERNAME", at.username(),
                        "QUARKUS_DATASOURCE_PASSWORD", at.password(),
                        "ASYNCJOBS_ENCRYPTION_KEYS", KeyRing.newKey("tried"),
                        "ASYNCJOBS_AUDIT_KEYS", KeyRing.newKey("tried"),
                        "ASYNCJOBS_CONNECTIONS_ALLOW_OWN_DATABASE", "true"));
        token = ServiceProcess.token(service.data(), "alice", "superadmin");
        connect("own", "disable");
        connect("over-tls", "require");
    }

    @AfterAll
    void stop() throws Exception {
        service.close();
        database.close();
    }

    @Test
    void scripts_use_it_but_neither_run_blocks_there_nor_notify_the_nodes() throws Exception {
        JsonPath ended = run("own", """
                const told = [];
                for (const text of ["do $$ begin perform 1; end $$", "notify anything, 'x'",
                        "select pg_notify('anything', 'x')", "/* */ DO 'begin end'"]) {
                    try { await sql.execute('own', text); told.push('done'); } catch (e) { told.push(e.message); }
                }
                return { one: (await sql.query('own', 'select 1 as one'))[0].one, told };
                """);

        assertThat(ended.getString("outcome")).isEqualTo("succeeded");
        assertThat(ended.getInt("result.one")).isEqualTo(1);
        assertThat(ended.getList("result.told", String.class))
                .hasSize(4)
                .allMatch(message -> message.contains("own database"), "is refused since it is the own database");
    }

    @Test
    void tables_of_the_service_are_out_of_reach() throws Exception {
        JsonPath ended = run("reach", "return await sql.query('own', 'select * from job')");

        assertThat(ended.getString("outcome")).isEqualTo("failed");
        assertThat(ended.getString("error.message")).contains("permission denied");
    }

    @Test
    void answers_over_tls_arrive_whole_and_are_cut_where_they_are_too_large() throws Exception {
        JsonPath ended = run("tls", """
                const rows = await sql.query('over-tls', "select repeat('x', 500000) as x, ssl from pg_stat_ssl"
                    + " where pid = pg_backend_pid()");
                let told = null;
                try { await sql.query('over-tls', "select repeat('x', 400000000)::int"); }
                catch (e) { told = e.message; }
                return { length: rows[0].x.length, ssl: rows[0].ssl, told };
                """);

        assertThat(ended.getString("outcome")).isEqualTo("succeeded");
        assertThat(ended.getInt("result.length")).isEqualTo(500_000);
        assertThat(ended.getBoolean("result.ssl")).isTrue();
        assertThat(ended.getString("result.told")).contains("too large");
    }

    private JsonPath run(String job, String script) throws Exception {
        api().body(Map.of("name", job, "script", script, "pollIntervalSeconds", 300))
                .post("/jobs")
                .then()
                .statusCode(201);
        api().post("/jobs/{job}/pause", job).then().statusCode(200);
        String run = await().atMost(PATIENCE)
                .until(() -> api().post("/jobs/{job}/runs", job), answer -> answer.statusCode() == 202)
                .path("id");
        await().atMost(PATIENCE).until(() -> api().get("/runs/{run}", run).path("outcome") != null);
        return api().get("/runs/{run}", run).jsonPath();
    }

    private void connect(String name, String tls) {
        EmbeddedDatabase.Coordinates at = database.coordinates();
        Map<String, Object> section = new HashMap<>(ForeignDatabase.section(at.jdbcUrl(), "scripts"));
        section.put("tls", tls);
        api().body(Map.of("postgresql", section, "secret", PASSWORD))
                .put("/connections/{name}", name)
                .then()
                .statusCode(201);
    }

    private RequestSpecification api() {
        return service.api(token);
    }

    private void asSuperuser(String... statements) throws IOException, SQLException {
        String password = Files.readString(folder.resolve("database").resolve("database-superuser.password"))
                .strip();
        String url = database.coordinates().jdbcUrl();
        try (Connection connection =
                        DriverManager.getConnection(url.replaceAll("/asyncjobs$", "/postgres"), "postgres", password);
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    /** A key and a certificate where PostgreSQL looks for them. */
    private static void offerTls() throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve("tls.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=localhost",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Key key = keys.getKey("server", PASSWORD.toCharArray());
        Path cluster = folder.resolve("database/postgres/cluster");
        write(cluster, "server.key", "PRIVATE KEY", key.getEncoded());
        write(
                cluster,
                "server.crt",
                "CERTIFICATE",
                keys.getCertificate("server").getEncoded());
    }

    private static void write(Path cluster, String name, String what, byte[] content) throws IOException {
        String text = "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(content)
                + "\n-----END " + what + "-----\n";
        Path file = Files.writeString(cluster.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setOwner(file, Files.getOwner(cluster));
    }
}
