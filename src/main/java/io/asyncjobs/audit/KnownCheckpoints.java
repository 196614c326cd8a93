package io.asyncjobs.audit;

import io.asyncjobs.audit.AuditFault.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints to compare a trail with. Those of a file are read while they are compared, so that their number does not matter;
 * only where they do not stand in the order of their counts, as in a file put together by hand, are they held in memory.
 */
final class KnownCheckpoints implements Closeable {

    private final long count;
    private final long largest;
    private final @Nullable AuditFault fault;
    private final Iterator<Checkpoint> ascending;
    private final Closeable resource;

    private KnownCheckpoints(
            long count, long largest, @Nullable AuditFault fault, Iterator<Checkpoint> ascending, Closeable resource) {
        this.count = count;
        this.largest = largest;
        this.fault = fault;
        this.ascending = ascending;
        this.resource = resource;
    }

    /** Checkpoints in any order. */
    static KnownCheckpoints of(List<Checkpoint> known, AuditSeals seals) {
        return new KnownCheckpoints(
                known.size(),
                known.stream().mapToLong(Checkpoint::count).max().orElse(0),
                known.stream()
                        .filter(checkpoint -> !checkpoint.isSignedBy(seals))
                        .findFirst()
                        .map(KnownCheckpoints::forged)
                        .orElse(null),
                sorted(known),
                () -> {});
    }

    /** The checkpoints of a file; none where there is no such file. */
    static KnownCheckpoints in(Path file, AuditSeals seals) throws IOException {
        CheckpointFile.Lines lines = CheckpointFile.lines(file);
        try {
            return in(lines, seals);
        } catch (IOException | RuntimeException e) {
            lines.close();
            throw e;
        }
    }

    private static KnownCheckpoints in(CheckpointFile.Lines lines, AuditSeals seals) throws IOException {
        long count = 0;
        long largest = 0;
        boolean ascends = true;
        AuditFault fault = null;
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
            Checkpoint checkpoint;
            try {
                checkpoint = Checkpoint.parse(line.get());
            } catch (IOException e) {
                fault = fault == null
                        ? new AuditFault(
                                Kind.FORGED_CHECKPOINT,
                                0,
                                null,
                                "The line behind the first " + count + " checkpoints is no checkpoint: "
                                        + e.getMessage())
                        : fault;
                continue;
            }
            if (fault == null && !checkpoint.isSignedBy(seals)) {
                fault = forged(checkpoint);
            }
            count++;
            ascends &= checkpoint.count() >= largest;
            largest = Math.max(largest, checkpoint.count());
        }
        lines.rewind();
        Iterator<Checkpoint> all = new Parsed(lines);
        if (!ascends) {
            List<Checkpoint> held = new ArrayList<>();
            all.forEachRemaining(held::add);
            all = sorted(held);
        }
        return new KnownCheckpoints(count, largest, fault, all, lines);
    }

    /** How many there are. */
    long count() {
        return count;
    }

    /** How many events one of them counts at most. */
    long largest() {
        return largest;
    }

    /** What is wrong with one of them. */
    Optional<AuditFault> fault() {
        return Optional.ofNullable(fault);
    }

    /** In the order of their counts, once. */
    Iterator<Checkpoint> ascending() {
        return ascending;
    }

    @Override
    public void close() {
        try {
            resource.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Iterator<Checkpoint> sorted(List<Checkpoint> known) {
        return known.stream()
                .sorted(Comparator.comparingLong(Checkpoint::count))
                .iterator();
    }

    private static AuditFault forged(Checkpoint checkpoint) {
        return new AuditFault(
                Kind.FORGED_CHECKPOINT,
                checkpoint.count(),
                null,
                "The checkpoint of " + checkpoint.at() + " over " + checkpoint.count()
                        + " events is not signed with a key that is known here.");
    }

    /** Lines that are no checkpoint are the fault, and passed over. */
    private static final class Parsed implements Iterator<Checkpoint> {

        private final CheckpointFile.Lines lines;
        private @Nullable Checkpoint next;

        Parsed(CheckpointFile.Lines lines) {
            this.lines = lines;
        }

        @Override
        public boolean hasNext() {
            try {
                for (Optional<String> line = next == null ? lines.next() : Optional.empty();
                        line.isPresent() && next == null;
                        line = next == null ? lines.next() : line) {
                    next = CheckpointFile.parsed(line.get()).orElse(null);
                }
                return next != null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Checkpoint next() {
            if (!hasNext() || next == null) {
                throw new java.util.NoSuchElementException();
            }
            Checkpoint taken = next;
            next = null;
            return taken;
        }
    }
}
