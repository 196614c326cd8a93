package io.asyncjobs;

import io.asyncjobs.platform.DataFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Opens the dashboard in the browser of who has the data folder, signed in.
 *
 * <p>The token goes through a file that only its owner can read, and then behind the # of the address: on a command line
 * every user of the machine could see it, and before the # it would reach logs.
 */
final class DashboardLink {

    private static final String FILE = "open-dashboard.html";

    private final DataFolder data;

    DashboardLink(DataFolder data) {
        this.data = data;
    }

    /** Writes the file and asks the desktop to open it; says where it is, for machines without one. */
    void open(URI service, String token) throws IOException {
        URI target = service.resolve("/admin/sign-in#token=" + token);
        Path page = data.replaceSecretFile(FILE, """
                        <!DOCTYPE html>
                        <html lang="en">
                        <meta charset="utf-8">
                        <meta name="referrer" content="no-referrer">
                        <meta http-equiv="refresh" content="0; url=%s">
                        <title>Async Job Manager</title>
                        <p><a href="%1$s">To the dashboard</a></p>
                        </html>
                        """.formatted(target)).toAbsolutePath();
        System.out.println("Opening the dashboard at " + service + ". Where no browser comes up, open " + page.toUri());
        boolean mac = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");
        try {
            new ProcessBuilder(mac ? "open" : "xdg-open", page.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            System.err.println("There is no desktop to open it with.");
        }
    }
}
