package io.asyncjobs.audit;

import io.asyncjobs.audit.AuditFault.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Verifies an export without service and database, line by line in constant memory. */
public final class ExportCheck {

    private final AuditSeals seals;
    private final KnownCheckpoints checkpoints;
    private final boolean partial;
    private long events;

    /** @param partial whether the export holds a part of the trail, so that each event is verified by itself */
    private ExportCheck(AuditSeals seals, KnownCheckpoints checkpoints, boolean partial) {
        this.seals = seals;
        this.checkpoints = checkpoints;
        this.partial = partial;
    }

    /**
     * Verifies and says what was found.
     *
     * @param keys as configured: {@code id:key}, separated by commas or line ends
     * @return whether nothing is wrong
     * @throws IOException when a file cannot be read
     * @throws IllegalArgumentException when the keys are none
     */
    public static boolean run(Path export, String keys, Optional<Path> checkpoints, boolean partial, PrintStream out)
            throws IOException {
        List<String> configured = Arrays.stream(keys.split("[,\\s]+", -1))
                .filter(key -> !key.isEmpty())
                .toList();
        AuditSeals seals = AuditSeals.of(configured, Optional.empty());
        try (KnownCheckpoints known = checkpoints.isPresent()
                ? KnownCheckpoints.in(checkpoints.get(), seals)
                : KnownCheckpoints.of(List.of(), seals)) {
            return run(export, new ExportCheck(seals, known, partial), out);
        }
    }

    private static boolean run(Path export, ExportCheck check, PrintStream out) throws IOException {
        KnownCheckpoints known = check.checkpoints;
        Optional<AuditFault> fault = check.first(export);
        if (fault.isPresent()) {
            AuditFault found = fault.get();
            out.println("The audit trail is NOT intact.");
            out.println("First bad event: " + found.seq() + " ("
                    + found.kind().name().toLowerCase(java.util.Locale.ROOT)
                    + (found.event() == null ? "" : ", " + found.event()) + ")");
            out.println(found.message());
            return false;
        }
        out.println("Verified " + check.events + " events: nothing is altered"
                + (check.partial
                        ? "; whether one is missing cannot be told from a part."
                        : ", missing, reordered or forged."));
        if (!check.partial) {
            out.println(
                    known.count() == 0
                            ? "No checkpoints were given, so a cut tail would not show."
                            : "The " + known.count() + " checkpoints agree; the last one counts " + known.largest()
                                    + " events.");
        }
        return true;
    }

    private Optional<AuditFault> first(Path export) throws IOException {
        ChainCheck chain = new ChainCheck(seals, checkpoints);
        try (BufferedReader lines = Files.newBufferedReader(export, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                LinkedEvent event;
                try {
                    event = ExportLine.parse(line);
                } catch (IOException e) {
                    return Optional.of(unreadable(String.valueOf(e.getMessage())));
                }
                Optional<AuditFault> fault = partial ? ChainCheck.single(seals, event) : chain.next(event);
                if (fault.isPresent()) {
                    return fault;
                }
                events++;
            }
        } catch (CharacterCodingException | UncheckedIOException e) {
            return Optional.of(unreadable("it is not valid UTF-8"));
        }
        return partial ? Optional.empty() : chain.end();
    }

    private AuditFault unreadable(String why) {
        long line = events + 1;
        return new AuditFault(
                Kind.UNREADABLE, line, null, "Line " + line + " of the export is not as it was written: " + why);
    }
}
