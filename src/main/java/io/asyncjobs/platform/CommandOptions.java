package io.asyncjobs.platform;

import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The options of a command: {@code --name value} or {@code --name=value}. */
public final class CommandOptions {

    /** A command that does not exist or has wrong options; the message says what is wrong. */
    public static final class UsageException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public UsageException(String message) {
            super(message);
        }
    }

    private CommandOptions() {}

    /**
     * Takes all arguments that are left and returns their values by name.
     *
     * @param known names with their dashes
     * @throws UsageException if an option is not known or has no value
     */
    public static Map<String, String> read(Deque<String> rest, List<String> known) {
        Map<String, String> options = new HashMap<>();
        while (!rest.isEmpty()) {
            String argument = rest.removeFirst();
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!known.contains(name)) {
                throw new UsageException("There is no option '" + argument + "'.");
            }
            if (equals < 0 && rest.isEmpty()) {
                throw new UsageException("The option " + name + " wants a value.");
            }
            String value = equals < 0 ? rest.removeFirst() : argument.substring(equals + 1);
            if (value.isBlank()) {
                throw new UsageException("The option " + name + " wants a value.");
            }
            options.put(name, value);
        }
        return options;
    }
}
