package io.asyncjobs.run;

import io.asyncjobs.testsupport.OwnSchema;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** A history of its own, in a schema of its own, whose time a test sets: nothing runs in it by itself. */
public final class HistorySchema implements AutoCloseable {

    private final OwnSchema schema = new OwnSchema("history");
    private final Jdbi jdbi = node();

    /** Empty, and rolled up until that full hour. */
    public HistorySchema(Instant start) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update history_progress
                        set rolled_until = :start, details_from = :start
                        """)
                .bind("start", start.atOffset(ZoneOffset.UTC))
                .execute());
    }

    public Jdbi jdbi() {
        return jdbi;
    }

    public DataSource dataSource() {
        return schema.dataSource();
    }

    /** Connections as another node has them. */
    public Jdbi node() {
        return OwnSchema.jdbi(schema.dataSource());
    }

    @Override
    public void close() {
        schema.close();
    }
}
