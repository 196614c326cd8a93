package io.asyncjobs.script.worker;

import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.jspecify.annotations.Nullable;

/**
 * What works in one context. It is an actor: events come into a mailbox and are handled one after the other by whatever
 * pool thread is free, so a task that waits holds no thread and a context is never entered by two.
 */
abstract class Task implements Runnable {

    private static final long LAST_NOTE_MILLIS = 100;

    final long id;
    final Worker worker;

    private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Object lock = new Object();
    private final AllocationMeter allocations = new AllocationMeter();

    // Guarded by lock
    private @Nullable Context context;
    private boolean stopped;
    private boolean ended;
    private boolean handling;

    private volatile @Nullable PolyglotException cutOff;

    Task(long id, Worker worker) {
        this.id = id;
        this.worker = worker;
    }

    /** Handles {@code event} soon, on some thread, unless the task has ended by then. */
    final void post(Runnable event) {
        mailbox.add(event);
        if (waiting.getAndIncrement() == 0) {
            worker.execute(this);
        }
    }

    /** Handles {@code event} and what follows from it on the calling thread. */
    final void runHere(Runnable event) {
        mailbox.add(event);
        if (waiting.getAndIncrement() == 0) {
            run();
        }
    }

    @Override
    public final void run() {
        int handled = 1;
        do {
            for (int i = 0; i < handled; i++) {
                handle(Objects.requireNonNull(mailbox.poll()));
            }
            handled = waiting.addAndGet(-handled);
        } while (handled > 0);
    }

    private void handle(Runnable event) {
        synchronized (lock) {
            if (stopped || ended) {
                return;
            }
            handling = true;
        }
        allocations.begin();
        try {
            event.run();
            handled();
        } catch (PolyglotException e) {
            if (e.isCancelled() || e.isInterrupted() || isEnding()) {
                // Whoever stopped it reports it, once the context is closed
                cutOff = e;
                return;
            }
            failed(e);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            if (!isEnding()) {
                failed(e);
            }
        } finally {
            allocations.end();
            // A cancelled script leaves its thread interrupted; the next task on it is not to suffer
            Thread.interrupted();
            synchronized (lock) {
                handling = false;
                lock.notifyAll();
            }
        }
    }

    /** What it was stopped with in the middle of its work: that knows the place. */
    final @Nullable PolyglotException cutOff() {
        return cutOff;
    }

    final AllocationMeter allocations() {
        return allocations;
    }

    /** The task's context, made on first use. */
    final Context context() {
        synchronized (lock) {
            if (stopped) {
                throw new IllegalStateException("stopped");
            }
            if (context == null) {
                context = newContext();
            }
            return context;
        }
    }

    Context newContext() {
        return worker.newContext();
    }

    static boolean isOutOfMemory(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return true;
        }
        String message = String.valueOf(e.getMessage());
        return e instanceof PolyglotException error
                && (error.isResourceExhausted() || error.isInternalError())
                && (message.contains("heap space")
                        || message.contains("OutOfMemory")
                        || message.contains("array size"));
    }

    /** Whether it was stopped or has come to its end; it may still be busy with that. */
    final boolean isEnding() {
        synchronized (lock) {
            return stopped || ended;
        }
    }

    /** The script that it runs. */
    Optional<Script> script() {
        return Optional.empty();
    }

    /** Called after each event. */
    void handled() {}

    /** An event threw what the script could not have thrown. */
    abstract void failed(Throwable e);

    /** Stops it because the node wishes so. */
    void cancel() {
        stop(this::stopped);
    }

    /** What to say when the node's wish to stop it was carried out. */
    abstract FromWorker stopped();

    /** What to say when it was stopped because the heap is full. */
    abstract FromWorker outOfMemory(long limitBytes);

    /** Stops it because the heap is full; done when nothing of it runs any more. */
    final Future<?> stopForMemory(long limitBytes) {
        return worker.stopSoon(this, () -> outOfMemory(limitBytes));
    }

    void release() {}

    /** Ends the task with its last word; later events and words are dropped. */
    final boolean end(FromWorker last) {
        Context open;
        synchronized (lock) {
            if (ended || stopped) {
                return false;
            }
            ended = true;
            open = context;
        }
        worker.forget(this);
        worker.sendLast(last);
        release();
        if (open != null) {
            try {
                open.close();
            } catch (PolyglotException | IllegalStateException e) {
                // Its end is already told; a context that will not close dies with the worker
                worker.report("closing a context", e);
            }
        }
        return true;
    }

    /** Stops it wherever it is and says so with {@code last}; returns when nothing of it runs any more, which may be never. */
    final void stop(Supplier<FromWorker> last) {
        Context open;
        synchronized (lock) {
            if (ended || stopped) {
                return;
            }
            stopped = true;
            open = context;
        }
        release();
        if (open != null) {
            open.close(true);
            awaitHandled();
        }
        worker.forget(this);
        worker.sendLast(last.get());
    }

    /** The thread that was at work has left the context; it notes where it was in a moment. */
    private void awaitHandled() {
        synchronized (lock) {
            try {
                if (handling) {
                    lock.wait(LAST_NOTE_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
