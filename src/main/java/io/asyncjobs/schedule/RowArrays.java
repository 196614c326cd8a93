package io.asyncjobs.schedule;

import java.lang.reflect.Array;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Values of several rows for one statement: an array for each column. */
final class RowArrays {

    /**
     * The database's order of ids, in which timers are locked where a statement may wait for another one's. {@link
     * UUID#compareTo} has another one. Where tables are so small that a plan reads them whole, the statements on the hot path
     * take them as they come; should two of them meet then, the one that the database ends is tried again.
     */
    static final Comparator<UUID> LOCK_ORDER = (a, b) -> {
        int order = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return order != 0 ? order : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    };

    private RowArrays() {}

    /** As the driver takes it. */
    static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    /** The value of each row. */
    static <T, V> @Nullable V[] column(List<T> rows, Class<V> type, Function<T, @Nullable V> value) {
        @SuppressWarnings("unchecked") // An array of that type
        @Nullable
        V[] column = (V[]) Array.newInstance(type, rows.size());
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(rows.get(i));
        }
        return column;
    }
}
