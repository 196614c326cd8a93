package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.InvalidException;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A file is not what a command can work with; the message says what is wrong, each fault with its place. */
final class FaultyFileException extends IOException {

    private static final long serialVersionUID = 1L;

    private FaultyFileException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The file cannot be read at all. */
    static FaultyFileException of(Path file, MalformedException fault) {
        MalformedException.Location at = fault.location();
        return new FaultyFileException(
                file + " cannot be compared\n"
                        + place(file, null, at == null ? null : at.line(), at == null ? null : at.column())
                        + fault.getMessage(),
                fault);
    }

    /** Fields of the file are not valid. */
    static FaultyFileException of(Path file, InvalidException fault) {
        return new FaultyFileException(
                file + " cannot be compared\n"
                        + fault.violations().stream()
                                .map(violation -> of(file, violation))
                                .collect(Collectors.joining("\n")),
                fault);
    }

    private static String of(Path file, Violation violation) {
        return place(file, violation.file(), violation.line(), violation.column()) + violation.field() + " "
                + violation.message();
    }

    /** @param within the name of the manifest in a folder or an archive */
    private static String place(Path file, @Nullable String within, @Nullable Integer line, @Nullable Integer column) {
        Path whole = within == null ? file : file.resolve(within);
        return line == null ? whole + ": " : "%s:%d:%d: ".formatted(whole, line, column);
    }
}
