package io.asyncjobs.platform.idempotency;

import io.asyncjobs.platform.problem.MalformedException;
import jakarta.ws.rs.HeaderParam;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** The header {@code Idempotency-Key} of a call that makes something. */
public class IdempotencyKeyParameter {

    static final String HEADER = "Idempotency-Key";

    private static final int MAX_LENGTH = 200;
    private static final Pattern KEY = Pattern.compile("[\\x20-\\x7E]{1," + MAX_LENGTH + "}");

    @HeaderParam(HEADER)
    @Parameter(
            description =
                    "A text of the caller's choice, such as a UUID. The same call with the same key, within a day,"
                            + " makes nothing more, and is answered with what the first one made",
            schema = @Schema(implementation = String.class, minLength = 1, maxLength = MAX_LENGTH))
    @Nullable
    String key;

    /**
     * The call with this key; null where none was sent.
     *
     * @param caller the name of who calls
     * @param call all of the call that makes it another one: what is asked for, of what, and with which body
     */
    public @Nullable IdempotentCall of(String caller, String... call) {
        if (key == null) {
            return null;
        }
        if (key.isBlank() || !KEY.matcher(key).matches()) {
            throw new MalformedException(
                    HEADER + " must be 1 to " + MAX_LENGTH + " printable characters of ASCII, and not only blanks.");
        }
        return IdempotentCall.of(caller, key, call);
    }
}
