package io.asyncjobs.platform;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * A clock for how long ago something was, which also counts the time that the machine slept.
 *
 * <p>{@link System#nanoTime} stands still on Linux while a laptop sleeps or a virtual machine is suspended, and then a node
 * would believe that its last heartbeat was a moment ago. Here Linux is asked for {@code CLOCK_BOOTTIME}; elsewhere this is
 * {@link System#nanoTime}. Values compare with each other only, by their difference.
 */
public final class ElapsedTime {

    private static final Logger LOG = Logger.getLogger(ElapsedTime.class);
    private static final int CLOCK_BOOTTIME = 7;
    private static final MemoryLayout TIMESPEC = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("seconds"), ValueLayout.JAVA_LONG.withName("nanos"));
    private static final Optional<MethodHandle> CLOCK_GETTIME = find();

    private ElapsedTime() {}

    /** Nanoseconds since some instant. */
    public static long nanos() {
        return CLOCK_GETTIME.map(ElapsedTime::ask).orElseGet(System::nanoTime);
    }

    private static long ask(MethodHandle clock) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(TIMESPEC);
            int failed = (int) clock.invokeExact(CLOCK_BOOTTIME, time);
            if (failed != 0) {
                throw new IllegalStateException("The machine's clock cannot be read");
            }
            return time.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L + time.get(ValueLayout.JAVA_LONG, 8);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("The machine's clock cannot be read", e);
        }
    }

    /** Empty where the clock is not to be had; a machine with 32 bits has another layout. */
    private static Optional<MethodHandle> find() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        if (!system.startsWith("linux") || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            return Optional.empty();
        }
        try {
            Linker linker = Linker.nativeLinker();
            MethodHandle clock = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("clock_gettime"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
            ask(clock);
            return Optional.of(clock);
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("A clock that counts sleep is not to be had; the one that stands still is used", e);
            return Optional.empty();
        }
    }
}
