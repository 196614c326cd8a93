package io.asyncjobs.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(DatabaseResource.class)
class DatabaseResourceTest {

    @Inject
    DataSource database;

    @Test
    void sessions_are_in_a_zone_that_is_not_utc() throws SQLException {
        assertThat(setting("TimeZone")).isEqualTo("Asia/Kathmandu");
    }

    @Test
    void the_server_is_one_of_those_promised_to_work() throws SQLException {
        assertThat(Integer.parseInt(setting("server_version_num"))).isGreaterThanOrEqualTo(150000);
        assertThat(setting("server_encoding")).isEqualTo("UTF8");
    }

    private String setting(String name) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + name)) {
            row.next();
            return row.getString(1);
        }
    }
}
