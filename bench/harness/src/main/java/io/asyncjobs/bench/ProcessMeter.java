package io.asyncjobs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processor time and memory of processes, as Linux tells them under {@code /proc}. */
public final class ProcessMeter {

    private static final Path PROC = Path.of("/proc");
    /** What the kernel counts in, whatever its own clock does. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int PARENT = 1;
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    /** {@code ticks} are its own, {@code reapedTicks} those of children that have ended. */
    public record Usage(long pid, long parent, long ticks, long reapedTicks) {}

    private ProcessMeter() {}

    public static boolean isSupported() {
        return Files.isReadable(PROC.resolve("self/stat"));
    }

    public static List<Usage> all() {
        List<Usage> all = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                try {
                    all.add(usage(process));
                } catch (IOException e) {
                    // It has ended meanwhile
                    continue;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** Seconds of that process without its children. */
    static double own(List<Usage> all, long pid) {
        return all.stream()
                .filter(process -> process.pid() == pid)
                .mapToDouble(process -> process.ticks() / TICKS_PER_SECOND)
                .sum();
    }

    /** Seconds of that process' children, living and ended. */
    static double children(List<Usage> all, long pid) {
        double seconds = 0;
        for (Usage process : all) {
            if (process.parent() == pid) {
                seconds += (process.ticks() + process.reapedTicks()) / TICKS_PER_SECOND;
            } else if (process.pid() == pid) {
                seconds += process.reapedTicks() / TICKS_PER_SECOND;
            }
        }
        return seconds;
    }

    public static List<Long> childrenOf(List<Usage> all, long pid) {
        return all.stream()
                .filter(process -> process.parent() == pid)
                .map(Usage::pid)
                .toList();
    }

    public static long parentOf(long pid) throws IOException {
        return usage(PROC.resolve(Long.toString(pid))).parent();
    }

    /** Resident memory in MiB; 0 for a process that has ended. */
    public static double residentMebibytes(long pid) {
        try {
            for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
            return 0;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Seconds in which the machine's processors were busy, all together. */
    static double machine() throws IOException {
        try (var lines = Files.lines(PROC.resolve("stat"))) {
            String[] fields = lines.findFirst().orElseThrow().trim().split("\\s+");
            // user, nice, system, irq, softirq
            long ticks = 0;
            for (int field : new int[] {1, 2, 3, 6, 7}) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks / TICKS_PER_SECOND;
        }
    }

    private static Usage usage(Path process) throws IOException {
        String stat = Files.readString(process.resolve("stat"));
        // The name, in parentheses, may hold anything
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new Usage(
                Long.parseLong(process.getFileName().toString()),
                Long.parseLong(fields[PARENT]),
                Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]),
                Long.parseLong(fields[CHILDREN_USER]) + Long.parseLong(fields[CHILDREN_SYSTEM]));
    }
}
