package io.asyncjobs.run.ledger;

import java.time.Instant;
import java.time.OffsetDateTime;
import org.jdbi.v3.core.Handle;

/**
 * How far the history is rolled up, and how much of it is left.
 *
 * @param rolledUntil hours before it have roll-ups
 * @param detailsFrom single runs and gaps are kept from there on
 * @param ledgerFrom roll-ups are kept from there on
 */
record HistoryProgress(Instant rolledUntil, Instant detailsFrom, Instant ledgerFrom) {

    static HistoryProgress read(Handle handle) {
        return handle.createQuery("select rolled_until, details_from, ledger_from from history_progress")
                .map((row, context) -> new HistoryProgress(
                        row.getObject("rolled_until", OffsetDateTime.class).toInstant(),
                        row.getObject("details_from", OffsetDateTime.class).toInstant(),
                        row.getObject("ledger_from", OffsetDateTime.class).toInstant()))
                .one();
    }
}
