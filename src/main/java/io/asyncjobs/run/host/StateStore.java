package io.asyncjobs.run.host;

import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the state of one run's job is kept, by key, as JSON text. */
public interface StateStore {

    Map<String, String> read();

    /**
     * Stores these changes now; null stands for a deletion.
     *
     * @return false if the run does not hold its lease any more, and nothing was stored
     */
    boolean write(Map<String, @Nullable String> changes, Instant at);

    /** One that stores nothing, for a trial. */
    static StateStore readOnly(Supplier<Map<String, String>> stored) {
        return new StateStore() {
            @Override
            public Map<String, String> read() {
                return stored.get();
            }

            @Override
            public boolean write(Map<String, @Nullable String> changes, Instant at) {
                return true;
            }
        };
    }
}
