package io.asyncjobs.audit;

import io.asyncjobs.platform.json.Texts;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Why something is done, for calls whose body has no room for it. */
public class ReasonParameter {

    /** The most characters of a reason, wherever one is given. */
    public static final int MAX_LENGTH = 2_000;

    @QueryParam("reason")
    @Parameter(
            description = "Why; kept on the audit trail",
            schema = @Schema(implementation = String.class, maxLength = MAX_LENGTH))
    @Nullable
    String reason;

    /** The reason, if one was given. */
    public @Nullable String text() {
        return checked(reason);
    }

    /** What is wrong with a change that names no reason where one is required. */
    public static Violation missing() {
        return new Violation("reason", "is required: this service takes no change without one");
    }

    /** A reason as it was sent; null where it says nothing. */
    public static @Nullable String checked(@Nullable String reason) {
        if (reason == null || reason.isBlank()) {
            return null;
        }
        String fault = reason.length() > MAX_LENGTH
                ? "must be at most " + MAX_LENGTH + " characters long"
                : Texts.fault(reason);
        if (fault != null) {
            throw new MalformedException(List.of(new Violation("reason", fault)));
        }
        return reason;
    }
}
