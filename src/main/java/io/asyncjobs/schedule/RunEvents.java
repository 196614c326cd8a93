package io.asyncjobs.schedule;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Tells all {@link RunListener listeners} what happens to runs on this node. Thread-safe. */
@Singleton
public class RunEvents {

    private static final Logger LOG = Logger.getLogger(RunEvents.class);

    private final Supplier<List<RunListener>> find;
    private volatile List<RunListener> listeners = List.of();
    private volatile boolean found;

    /** Listeners depend on those who tell, so they are looked up at the first event. */
    @Inject
    RunEvents(@Any Instance<RunListener> listeners) {
        this(() -> listeners.stream().toList());
    }

    private RunEvents(Supplier<List<RunListener>> find) {
        this.find = find;
    }

    /** Told to nobody but these. */
    static RunEvents to(RunListener... listeners) {
        return new RunEvents(() -> List.of(listeners));
    }

    public void tell(RunEvent event) {
        tell(List.of(event));
    }

    /** A listener that fails keeps no other, and not the caller. */
    public void tell(List<? extends RunEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        for (RunListener listener : listeners()) {
            try {
                listener.on(events);
            } catch (RuntimeException | Error e) {
                LOG.errorf(
                        e,
                        "%s failed on %d events of runs, from %s on",
                        listener.getClass().getSimpleName(),
                        events.size(),
                        events.getFirst());
            }
        }
    }

    private List<RunListener> listeners() {
        if (!found) {
            listeners = find.get();
            found = true;
        }
        return listeners;
    }
}
