package io.asyncjobs.platform;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Reads arguments into a command that picocli's annotations describe, and says in plain words what is wrong with them. */
public final class CommandArguments {

    /** A command that does not exist or has wrong options; the message says what is wrong. */
    public static final class UsageException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public UsageException(String message) {
            super(message);
        }
    }

    static {
        // An option that is given twice has its last value, and that is nothing to warn of
        CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
    }

    private CommandArguments() {}

    /**
     * Sets the fields of the command.
     *
     * @return the help of the command if the arguments ask for it
     * @throws UsageException if an argument is not known or missing, or an option has no value
     */
    public static Optional<String> read(Object command, List<String> arguments) {
        CommandLine line = withHelp(command);
        CommandSpec spec = line.getCommandSpec();
        String name = spec.name();
        spec.name("asyncjobs " + name);
        try {
            CommandLine.ParseResult parsed = line.parseArgs(arguments.toArray(String[]::new));
            if (parsed.isUsageHelpRequested()) {
                return Optional.of(line.getUsageMessage());
            }
            for (OptionSpec option : parsed.matchedOptions()) {
                if (option.stringValues().stream().anyMatch(String::isBlank)) {
                    throw new UsageException(wantsValue(option));
                }
            }
            return Optional.empty();
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw new UsageException("There is no option '" + e.getUnmatched().getFirst() + "'.");
        } catch (CommandLine.MissingParameterException e) {
            throw new UsageException(missing(e, name));
        } catch (CommandLine.ParameterException e) {
            throw new UsageException(e.getMessage() + ".");
        }
    }

    /**
     * The number that an option was given.
     *
     * @throws UsageException unless it lies between 1 and {@code most}, ten millions at most
     */
    public static int number(String option, String text, int most) {
        if (!text.matches("[1-9]\\d{0,6}") || Integer.parseInt(text) > most) {
            throw new UsageException("%s wants a number from 1 to %d, not '%s'.".formatted(option, most, text));
        }
        return Integer.parseInt(text);
    }

    /** The command with the option {@code --help}. */
    public static CommandLine withHelp(Object command) {
        CommandLine line = new CommandLine(command).setExpandAtFiles(false).setOverwrittenOptionsAllowed(true);
        line.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Shows this help.")
                        .build());
        return line;
    }

    private static String missing(CommandLine.MissingParameterException fault, String command) {
        return fault.getMissing().getFirst() instanceof PositionalParamSpec argument
                ? "The command %s wants %s".formatted(command, inSentence(argument.description()[0]))
                : fault.getMissing().getFirst() instanceof OptionSpec option
                        ? wantsValue(option)
                        : fault.getMessage() + ".";
    }

    private static String wantsValue(OptionSpec option) {
        return "The option " + option.longestName() + " wants a value.";
    }

    private static String inSentence(String description) {
        return description.substring(0, 1).toLowerCase(Locale.ROOT) + description.substring(1);
    }
}
