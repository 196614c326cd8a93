package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.testsupport.Fast;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of checkpoints, however large it has grown and whatever a crash left of it. */
@Fast
class CheckpointFileTest {

    private static final Instant BEGIN = Instant.parse("2024-01-01T00:00:30Z");
    private static final int MINUTES_OF_A_DAY = 24 * 60;

    @TempDir
    Path folder;

    private final AuditSeals seals = AuditSeals.of(List.of(KeyRing.newKey("k1")), Optional.empty());

    @Test
    void last_line_is_found_and_the_next_one_added_without_reading_a_million_before_it() throws IOException {
        Path path = file(1_200_000, false);
        CheckpointFile file = new CheckpointFile(path);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();

        assertThat(file.last().orElseThrow().count()).isEqualTo(1_200_000);
        file.append(signed(1_200_001));
        assertThat(file.last().orElseThrow().count()).isEqualTo(1_200_001);

        assertThat(threads.getCurrentThreadAllocatedBytes() - allocated)
                .as("bytes allocated beside a file of %d", Files.size(path))
                .isLessThan(2 * 1024 * 1024);

        Files.delete(path);
    }

    @Test
    void large_file_is_thinned_out_and_its_checkpoints_still_verify() throws IOException {
        int days = 200;
        Path path = file(days * MINUTES_OF_A_DAY, true);
        Checkpoint last = new CheckpointFile(path).last().orElseThrow();

        new CheckpointFile(path).thinWhenLarge();

        List<Checkpoint> kept = read(path);
        assertThat(kept).isSortedAccordingTo((one, other) -> Long.compare(one.count(), other.count()));
        assertThat(kept.getLast()).isEqualTo(last);
        assertThat(aged(kept, last, Duration.ZERO, Duration.ofDays(1)))
                .as("each minute of the last day")
                .hasSizeBetween(MINUTES_OF_A_DAY, MINUTES_OF_A_DAY + 1);
        assertThat(aged(kept, last, Duration.ofDays(1), Duration.ofDays(90)))
                .as("each hour before that")
                .hasSizeBetween(89 * 24 - 1, 89 * 24 + 2);
        assertThat(aged(kept, last, Duration.ofDays(90), Duration.ofDays(days)))
                .as("each day before that")
                .hasSizeBetween(days - 91, days - 89);
        try (KnownCheckpoints known = KnownCheckpoints.in(path, seals)) {
            assertThat(known.fault()).isEmpty();
            assertThat(known.count()).isEqualTo(kept.size());
            assertThat(known.largest()).isEqualTo(last.count());
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void small_file_and_what_is_no_checkpoint_stay_as_they_are() throws IOException {
        Path small = file(100, false);
        String before = Files.readString(small);
        new CheckpointFile(small).thinWhenLarge();
        assertThat(Files.readString(small)).isEqualTo(before);

        Path large = folder.resolve("large.ndjson");
        List<String> lines = new ArrayList<>(Files.readAllLines(file(10_000, false)));
        lines.set(17, "{\"forged\": true}");
        Files.write(large, lines);
        new CheckpointFile(large).thinWhenLarge();
        assertThat(Files.readAllLines(large)).hasSizeLessThan(5_000).contains("{\"forged\": true}");
        try (KnownCheckpoints known = KnownCheckpoints.in(large, seals)) {
            assertThat(known.fault().orElseThrow().kind()).isEqualTo(AuditFault.Kind.FORGED_CHECKPOINT);
        }
    }

    @Test
    void line_that_a_crash_cut_off_goes_with_the_next_one() throws IOException {
        Path path = folder.resolve("cut.ndjson");
        CheckpointFile file = new CheckpointFile(path);
        assertThat(file.last()).isEmpty();
        file.append(signed(1));
        Files.writeString(path, signed(2).json().substring(0, 40), StandardOpenOption.APPEND);
        assertThat(file.last().orElseThrow().count()).isEqualTo(1);

        file.append(signed(3));

        assertThat(read(path)).extracting(Checkpoint::count).containsExactly(1L, 3L);
        // As a version before this one left it
        Files.writeString(
                path, signed(4).json().substring(0, 40) + "\n" + signed(5).json() + "\n");
        try (KnownCheckpoints known = KnownCheckpoints.in(path, seals)) {
            assertThat(known.fault()).isEmpty();
            assertThat(known.count()).isEqualTo(1);
        }
    }

    @Test
    void end_that_is_no_checkpoint_is_told_of() throws IOException {
        Path path = folder.resolve("foreign.ndjson");
        Files.writeString(path, "x".repeat(100_000) + "\n");
        assertThatThrownBy(() -> new CheckpointFile(path).last()).isInstanceOf(IOException.class);
    }

    @Test
    void files_put_together_in_any_order_are_compared_in_the_order_of_their_counts() throws IOException {
        Path path = folder.resolve("several.ndjson");
        Files.write(path, List.of(signed(7).json(), signed(3).json(), signed(5).json()));
        try (KnownCheckpoints known = KnownCheckpoints.in(path, seals)) {
            assertThat(known.ascending())
                    .toIterable()
                    .extracting(Checkpoint::count)
                    .containsExactly(3L, 5L, 7L);
        }
    }

    private static List<Checkpoint> aged(List<Checkpoint> all, Checkpoint last, Duration from, Duration to) {
        return all.stream()
                .filter(checkpoint -> {
                    Duration age = Duration.between(checkpoint.at(), last.at());
                    return age.compareTo(from) >= 0 && age.compareTo(to) < 0;
                })
                .toList();
    }

    private static List<Checkpoint> read(Path path) throws IOException {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (String line : Files.readAllLines(path)) {
            checkpoints.add(Checkpoint.parse(line));
        }
        return checkpoints;
    }

    private Checkpoint signed(long count) {
        return Checkpoint.of(seals, BEGIN.plus(Duration.ofMinutes(count)), count, AuditSeals.GENESIS);
    }

    /** One checkpoint a minute; signing a million takes longer than all else here. */
    private Path file(int lines, boolean signed) throws IOException {
        Path path = folder.resolve("checkpoints-" + lines + ".ndjson");
        Checkpoint form = signed(1);
        try (BufferedWriter out = Files.newBufferedWriter(path)) {
            for (int i = 1; i <= lines; i++) {
                Checkpoint line = signed
                        ? signed(i)
                        : new Checkpoint(
                                BEGIN.plus(Duration.ofMinutes(i)), i, form.hash(), form.keyId(), form.signature());
                out.write(line.json());
                out.write('\n');
            }
        }
        return path;
    }
}
