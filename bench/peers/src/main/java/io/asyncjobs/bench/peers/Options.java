package io.asyncjobs.bench.peers;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is to be measured, as it is given. */
@Command(
        name = "asyncjobs bench peers",
        description = "Measures the service and other schedulers one after the other on a PostgreSQL of their own.",
        sortOptions = false)
final class Options implements Callable<Integer> {

    private static final int MOST = 999_999;

    /** The names that {@code --peers} takes. */
    static final class Names implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return Main.names().iterator();
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(hidden = true, description = "The launcher of the service.")
    private Path launcher;

    @Option(
            names = "--peers",
            paramLabel = "NAME",
            split = ",",
            completionCandidates = Names.class,
            description = "Any of ${COMPLETION-CANDIDATES}, with commas between; all unless given.")
    private List<String> peers = Main.names();

    @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "20", description = "20 unless given.")
    private int warmUp;

    @Option(names = "--seconds", paramLabel = "SECONDS", defaultValue = "30", description = "30 unless given.")
    private int seconds;

    @Option(
            names = "--jobs",
            paramLabel = "JOBS",
            defaultValue = "3000",
            description = "Jobs at an even load, one run a second each; 3000 unless given; with 0 this part is left out.")
    private int jobs;

    @Option(
            names = "--backlog",
            paramLabel = "JOBS",
            defaultValue = "20000",
            description = "Jobs that are all overdue; 20000 unless given; with 0 this part is left out.")
    private int backlog;

    @Option(
            names = "--cold",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Measures only so many seconds after the start of " + Main.OURS + " and " + Main.DB_SCHEDULER
                    + ", second by second.")
    private int cold;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Shows this.")
    private boolean help;

    @Override
    public Integer call() throws Exception {
        for (String peer : peers) {
            if (!Main.names().contains(peer)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "There is no '" + peer + "'; there are " + String.join(", ", Main.names()) + ".");
            }
        }
        for (String option : List.of("--warm-up", "--seconds", "--jobs", "--backlog", "--cold")) {
            int value = spec.findOption(option).getValue();
            if (value < 0 || value > MOST) {
                throw new ParameterException(
                        spec.commandLine(), option + " must be a number from 0 to " + MOST + ", was " + value + ".");
            }
        }
        // The others make their tables anew at each start
        if (cold > 0 && !List.of(Main.OURS, Main.DB_SCHEDULER).containsAll(peers)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--cold measures " + Main.OURS + " and " + Main.DB_SCHEDULER + ". Name them with --peers.");
        }
        Main.run(this);
        return 0;
    }

    Path launcher() {
        return launcher;
    }

    List<String> peers() {
        return peers;
    }

    int warmUpSeconds() {
        return warmUp;
    }

    int seconds() {
        return seconds;
    }

    int jobs() {
        return jobs;
    }

    int backlog() {
        return backlog;
    }

    /** 0 if it is not the first seconds that are measured. */
    int coldSeconds() {
        return cold;
    }
}
