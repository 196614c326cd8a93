package io.asyncjobs.platform.problem;

import java.util.regex.Pattern;

/** Understood and valid, but the present state does not allow it; asking again later may succeed. */
public non-sealed class RefusedException extends DomainException {

    private static final Pattern SLUG = Pattern.compile("[a-z]+(-[a-z]+)*");

    private final String reason;

    /**
     * @param reason a stable slug a program can act on, like {@code account-exists}; it is the anchor of its section in
     *     docs/problems.md
     */
    public RefusedException(String reason, String message) {
        super(message);
        if (!SLUG.matcher(reason).matches()) {
            throw new IllegalArgumentException("Not a slug: " + reason);
        }
        this.reason = reason;
    }

    /** The slug. */
    public String reason() {
        return reason;
    }

    @Override
    ProblemKind kind() {
        return ProblemKind.REFUSED;
    }
}
