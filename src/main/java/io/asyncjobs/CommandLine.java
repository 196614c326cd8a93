package io.asyncjobs;

import io.asyncjobs.platform.CommandArguments;
import io.asyncjobs.platform.CommandArguments.UsageException;
import io.asyncjobs.provisioning.ProvisioningCommands;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the program was asked to do: a command and its options. */
sealed interface CommandLine {

    /** Options that ask for help. */
    Set<String> ASK_FOR_HELP = Set.of("-h", "--help");

    /**
     * Runs the service.
     *
     * @param data where it keeps its own database and keys, as given or {@code ./data}
     */
    record Start(Optional<Integer> port, Path data) implements CommandLine {}

    /**
     * Prints a token; {@code data} as for the service.
     *
     * @param open where the dashboard to be opened with it is, instead of printing it
     */
    record Token(String user, String role, Duration timeToLive, Path data, Optional<URI> open) implements CommandLine {}

    /**
     * Verifies an export of the audit trail.
     *
     * @param keys a file with the keys; those of the environment or of the data folder unless given
     * @param checkpoints a file with checkpoints; without both files, that of the data folder
     * @param partial whether the export holds a part of the trail only
     */
    record AuditVerify(Path export, Optional<Path> keys, Optional<Path> checkpoints, boolean partial, Path data)
            implements CommandLine {}

    /** Prints the help of a command. */
    record Help(String text) implements CommandLine {}

    /**
     * Without a command the service is started.
     *
     * @throws UsageException if the command or its options are wrong
     */
    static CommandLine parse(String[] arguments, Map<String, String> environment, String osUser) {
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(arguments));
        String first = String.valueOf(rest.peekFirst());
        if (first.equals("help") || ASK_FOR_HELP.contains(first)) {
            return new Help(help());
        }
        String command = rest.isEmpty() || rest.getFirst().startsWith("-") ? "start" : rest.removeFirst();
        if (command.equals("audit") && !ASK_FOR_HELP.contains(String.valueOf(rest.peekFirst()))) {
            if (!"verify".equals(rest.pollFirst())) {
                throw new UsageException("The command audit wants: verify EXPORT.");
            }
        }
        ServiceOptions.OverData options =
                switch (command) {
                    case "start" -> new ServiceOptions.Start();
                    case "token" -> new ServiceOptions.Token();
                    case "audit" -> new ServiceOptions.AuditVerify();
                    default -> throw new UsageException("There is no command '" + command + "'.");
                };
        return CommandArguments.read(options, List.copyOf(rest))
                .<CommandLine>map(Help::new)
                .orElseGet(() -> options.command(environment, osUser));
    }

    /** Whom to ask for help with arguments that are wrong. */
    static String helpWith(String... arguments) {
        String command = arguments.length == 0 || arguments[0].startsWith("-") ? "start" : arguments[0];
        return Set.of("start", "token", "audit").contains(command)
                ? "asyncjobs " + command + " --help"
                : "asyncjobs --help";
    }

    /** All that are read here, without their values. */
    static List<ServiceOptions.OverData> commands() {
        return List.of(new ServiceOptions.Start(), new ServiceOptions.Token(), new ServiceOptions.AuditVerify());
    }

    private static String help() {
        picocli.CommandLine all = ProvisioningCommands.commandLine();
        commands().forEach(command -> all.addSubcommand(CommandArguments.withHelp(command)));
        return all.getUsageMessage();
    }
}
