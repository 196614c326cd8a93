package io.asyncjobs.audit;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file of checkpoints, a line each, the latest at the end. It is added to and read from its end, and thinned out as it grows:
 * each minute of the last day, each hour of the last 90 days and each day before that keep their last line. Never read whole
 * into memory. One thread at a time writes.
 */
final class CheckpointFile {

    private static final Duration MINUTES_FOR = Duration.ofDays(1);
    private static final Duration HOURS_FOR = Duration.ofDays(90);

    /** From here on it is worth being thinned out; about as much as the lines that are kept in three months. */
    private static final long LARGE = 1024 * 1024;

    /** Longer than any checkpoint. */
    private static final int MAX_LINE = 8 * 1024;

    private static final String AT = "{\"at\":\"";

    private final Path file;
    private long thinned;

    CheckpointFile(Path file) {
        this.file = file;
    }

    /** The last checkpoint; none where there is no file yet. A line that a crash cut off does not count. */
    Optional<Checkpoint> last() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long end = channel.size();
            long start = Math.max(0, end - 4L * MAX_LINE);
            byte[] bytes = read(channel, start, end);
            for (int lineEnd = lastLineFeed(bytes, bytes.length); lineEnd >= 0; ) {
                int before = lastLineFeed(bytes, lineEnd);
                if (before < 0 && start > 0) {
                    break;
                }
                String line = new String(bytes, before + 1, lineEnd - before - 1, StandardCharsets.UTF_8);
                if (!line.isBlank() && !isCutOff(line)) {
                    return Optional.of(Checkpoint.parse(line));
                }
                lineEnd = before;
            }
            if (start > 0) {
                throw new IOException("The end of " + file + " holds no checkpoint");
            }
            return Optional.empty();
        }
    }

    /** Adds one and forces it to disk; what a crash left of a line at the end goes first. */
    void append(Checkpoint checkpoint) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            long start = Math.max(0, size - MAX_LINE);
            byte[] tail = read(channel, start, size);
            int complete = lastLineFeed(tail, tail.length) + 1;
            if (complete > 0 || start == 0) {
                channel.truncate(start + complete);
                channel.position(start + complete);
                write(channel, checkpoint.json() + "\n");
            } else {
                channel.position(size);
                write(channel, "\n" + checkpoint.json() + "\n");
            }
            channel.force(true);
        }
    }

    /** Thins the file out where it has grown; whenever a crash comes, the old file or the new one is there whole. */
    void thinWhenLarge() throws IOException {
        if (!Files.exists(file) || Files.size(file) < Math.max(LARGE, 2 * thinned)) {
            return;
        }
        Optional<Checkpoint> last = last();
        if (last.isPresent()) {
            thin(last.get().at());
            thinned = Files.size(file);
        }
    }

    private void thin(Instant now) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (Lines lines = lines(file);
                FileChannel channel = FileChannel.open(
                        next,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 64 * 1024);
            String held = null;
            long heldPeriod = 0;
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                Optional<Long> period = period(line.get(), now);
                // What is none of ours is evidence, and stays
                if (held != null && (period.isEmpty() || period.get() != heldPeriod)) {
                    write(out, held);
                }
                held = line.get();
                heldPeriod = period.orElse(Long.MIN_VALUE);
                if (period.isEmpty()) {
                    write(out, held);
                    held = null;
                }
            }
            if (held != null) {
                write(out, held);
            }
            out.flush();
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
                entries.force(true);
            }
        }
    }

    /** A number for the minute, the hour or the day that a line is of, by its age. Empty for what is no checkpoint's line. */
    private static Optional<Long> period(String line, Instant now) {
        int end = line.indexOf('"', AT.length());
        if (!line.startsWith(AT) || end < 0 || !line.endsWith("}")) {
            return Optional.empty();
        }
        try {
            Instant at = Instant.parse(line.substring(AT.length(), end));
            Duration age = Duration.between(at, now);
            ChronoUnit unit = age.compareTo(MINUTES_FOR) <= 0
                    ? ChronoUnit.MINUTES
                    : age.compareTo(HOURS_FOR) <= 0 ? ChronoUnit.HOURS : ChronoUnit.DAYS;
            // Its beginning and its length
            return Optional.of(at.truncatedTo(unit).getEpochSecond() * 4 + (unit.ordinal() & 3));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The checkpoint of a line. Empty for what is none. */
    static Optional<Checkpoint> parsed(String line) {
        try {
            return Optional.of(Checkpoint.parse(line));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The complete lines of a file as it is now, from the first; none where there is no such file. */
    static Lines lines(Path file) throws IOException {
        return new Lines(Files.exists(file) ? FileChannel.open(file, StandardOpenOption.READ) : null);
    }

    /** Lines of a file that may be thinned out meanwhile: what is read is the file that was opened, up to its end then. */
    static final class Lines implements Closeable {

        private final @Nullable FileChannel channel;
        private final long size;
        private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        private long read;

        private Lines(@Nullable FileChannel channel) throws IOException {
            this.channel = channel;
            this.size = channel == null ? 0 : channel.size();
            rewind();
        }

        /** Begins anew. */
        void rewind() {
            read = 0;
            buffer.clear().flip();
        }

        /** The next line that is not blank nor cut off by a crash, without its end; one that is too long is cut. */
        Optional<String> next() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream(512);
            while (buffer.hasRemaining() || fill()) {
                int start = buffer.position();
                int end = start;
                while (end < buffer.limit() && buffer.get(end) != '\n') {
                    end++;
                }
                line.write(buffer.array(), start, Math.min(end - start, MAX_LINE - line.size()));
                if (end == buffer.limit()) {
                    buffer.position(end);
                    continue;
                }
                buffer.position(end + 1);
                String text = line.toString(StandardCharsets.UTF_8);
                if (!text.isBlank() && !isCutOff(text)) {
                    return Optional.of(text);
                }
                line.reset();
            }
            return Optional.empty();
        }

        /** Returns whether there is more up to the end that the file had. */
        private boolean fill() throws IOException {
            if (channel == null || read >= size) {
                return false;
            }
            buffer.clear().limit((int) Math.min(buffer.capacity(), size - read));
            int got = channel.read(buffer, read);
            buffer.flip();
            read += Math.max(0, got);
            return got > 0;
        }

        @Override
        public void close() throws IOException {
            if (channel != null) {
                channel.close();
            }
        }
    }

    /** What a crash left of a line, where a version before this one went on in the next line. */
    private static boolean isCutOff(String line) {
        return line.length() < MAX_LINE && !line.endsWith("}") && (line.startsWith(AT) || AT.startsWith(line));
    }

    private static int lastLineFeed(byte[] bytes, int before) {
        for (int i = before - 1; i >= 0; i--) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static byte[] read(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(to - from));
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new IOException("The file became shorter while it was read");
            }
        }
        return bytes.array();
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void write(OutputStream out, String line) throws IOException {
        out.write(line.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }
}
