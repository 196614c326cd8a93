package io.asyncjobs.provisioning;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands share that call a service. */
abstract class ServiceCommand implements Callable<Integer> {

    private static final int OK = 200;

    @Mixin
    private Target target = new Target();

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    /** Where the service is, and who calls it. */
    private static final class Target {

        @Option(
                names = "--url",
                defaultValue = "${env:ASYNCJOBS_URL:-http://127.0.0.1:8080}",
                description = "The service; ASYNCJOBS_URL or http://127.0.0.1:8080 unless given.")
        private URI url = URI.create("http://127.0.0.1:8080");

        @Option(names = "--token-file", description = "A file with the token; ASYNCJOBS_TOKEN unless given.")
        private @Nullable Path tokenFile;

        ServiceClient client() throws IOException {
            String token = tokenFile == null
                    ? System.getenv().getOrDefault("ASYNCJOBS_TOKEN", "")
                    : Files.readString(tokenFile);
            if (token.isBlank()) {
                throw new IOException("there is no token: name its file with --token-file, or set ASYNCJOBS_TOKEN");
            }
            return new ServiceClient(url, token.strip());
        }
    }

    final ServiceClient client() throws IOException {
        return target.client();
    }

    final PrintWriter out() {
        return line().getOut();
    }

    final PrintWriter err() {
        return line().getErr();
    }

    private CommandLine line() {
        if (spec == null) {
            throw new IllegalStateException("The command was not parsed");
        }
        return spec.commandLine();
    }

    /** The body of a success; otherwise says what was wrong. */
    final byte[] body(HttpResponse<byte[]> answer, String file) throws FailedCallException {
        if (answer.statusCode() != OK) {
            throw FailedCallException.of(answer, file);
        }
        return answer.body();
    }

    final void print(byte[] text) {
        out().print(new String(text, StandardCharsets.UTF_8));
        out().flush();
    }

    /** Writes the bytes as they are to the file, or to standard output where there is none. */
    static void write(byte[] content, @Nullable Path to) throws IOException {
        if (to == null) {
            System.out.write(content);
            System.out.flush();
        } else {
            Files.write(to, content);
        }
    }
}
