package io.asyncjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.platform.CommandArguments.UsageException;
import io.asyncjobs.provisioning.ProvisioningCommands;
import io.asyncjobs.testsupport.Fast;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;

@Fast
class CommandLineTest {

    @Test
    void without_a_command_the_service_starts_over_the_folder_data() {
        assertThat(parse()).isEqualTo(new CommandLine.Start(Optional.empty(), Path.of("data")));
    }

    @Test
    void options_come_with_a_blank_or_an_equals_sign() {
        assertThat(parse("start", "--port", "9000", "--data=/srv/jobs"))
                .isEqualTo(new CommandLine.Start(Optional.of(9000), Path.of("/srv/jobs")));
    }

    @Test
    void the_environment_names_the_folder_unless_an_option_does() {
        Map<String, String> environment = Map.of("ASYNCJOBS_DATA", "/var/lib/jobs");

        assertThat(started(environment, "start").data()).isEqualTo(Path.of("/var/lib/jobs"));
        assertThat(started(environment, "start", "--data", "here").data()).isEqualTo(Path.of("here"));
    }

    @Test
    void a_token_is_for_the_user_of_the_machine_unless_said_otherwise() {
        assertThat(CommandLine.parse(new String[] {"token"}, Map.of(), "ada"))
                .isEqualTo(new CommandLine.Token(
                        "ada", "superadmin", Duration.ofHours(8), Path.of("data"), Optional.empty()));
    }

    @Test
    void a_token_opens_the_dashboard_where_it_is() {
        CommandLine.Token token = (CommandLine.Token) parse("token", "--open", "--user", "ada");
        CommandLine.Token elsewhere = (CommandLine.Token) parse("token", "--url=https://jobs.example", "--open");

        assertThat(token.open()).contains(URI.create("http://127.0.0.1:8080"));
        assertThat(elsewhere.open()).contains(URI.create("https://jobs.example"));
        assertThatThrownBy(() -> parse("token", "--open", "--url", "javascript:alert(1)"))
                .hasMessageContaining("--url");
        assertThatThrownBy(() -> parse("token", "--url", "http://127.0.0.1:8080"))
                .hasMessageContaining("--url");
    }

    @ParameterizedTest
    @CsvSource({"90s,PT90S", "30m,PT30M", "8h,PT8H", "7d,P7D"})
    void a_time_to_live_has_a_unit(String text, Duration expected) {
        assertThat(parse("token", "--ttl", text))
                .isEqualTo(new CommandLine.Token("tester", "superadmin", expected, Path.of("data"), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "8", "-1h", "1.5h", "h", "9999999d", "8h "})
    void another_time_to_live_is_refused(String text) {
        assertThatThrownBy(() -> parse("token", "--ttl", text)).hasMessageContaining("--ttl");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "65536", "http", "8080.0"})
    void another_port_is_refused(String text) {
        assertThatThrownBy(() -> parse("start", "--port", text)).hasMessageContaining("--port");
    }

    @Test
    void export_is_verified_with_the_keys_and_checkpoints_of_the_data_folder_unless_said_otherwise() {
        assertThat(parse("audit", "verify", "trail.ndjson"))
                .isEqualTo(new CommandLine.AuditVerify(
                        Path.of("trail.ndjson"), Optional.empty(), Optional.empty(), false, Path.of("data")));
        assertThat(parse("audit", "verify", "trail.ndjson", "--keys", "k", "--checkpoints=c", "--partial", "--data=d"))
                .isEqualTo(new CommandLine.AuditVerify(
                        Path.of("trail.ndjson"),
                        Optional.of(Path.of("k")),
                        Optional.of(Path.of("c")),
                        true,
                        Path.of("d")));
    }

    @ParameterizedTest
    @CsvSource({
        "audit,verify EXPORT",
        "audit check,verify EXPORT",
        "audit verify,the file of an export",
        "audit verify --partial,the file of an export",
        "audit verify --keys k,the file of an export",
        "audit verify e f,option 'f'",
        "audit verify e --key k,option '--key'",
        "audit verify e --keys,--keys",
        "audit verify e --checkpoints=,--checkpoints",
        "audit verify e --partial=no,--partial"
    })
    void wrong_use_of_audit_verify_is_refused_with_what_is_wrong(String line, String told) {
        assertThatThrownBy(() -> parse(line.split(" ", -1)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(told);
    }

    @Test
    void what_is_unknown_is_refused_by_name() {
        assertThatThrownBy(() -> parse("stop")).hasMessageContaining("stop");
        // The launcher knows it; the service does not
        assertThatThrownBy(() -> parse("bench", "scripts")).hasMessageContaining("no command 'bench'");
        assertThatThrownBy(() -> parse("start", "--ttl", "8h")).hasMessageContaining("--ttl");
        assertThatThrownBy(() -> parse("start", "--data")).hasMessageContaining("--data");
    }

    @Test
    void option_that_is_given_twice_has_its_last_value() {
        assertThat(parse("start", "--data", "image", "--data=mine"))
                .isEqualTo(new CommandLine.Start(Optional.empty(), Path.of("mine")));
    }

    @ParameterizedTest
    @CsvSource({
        "start --help,asyncjobs start,--port=<port>",
        "token -h,asyncjobs token,--ttl=TIME",
        "token --ttl=1h --help,asyncjobs token,--ttl=TIME",
        "audit --help,asyncjobs audit verify,EXPORT",
        "audit verify --help,asyncjobs audit verify,--checkpoints=FILE",
        "--help,asyncjobs,fingerprint",
        "help,asyncjobs,audit verify"
    })
    void each_command_has_help(String line, String command, String told) {
        assertThat(parse(line.split(" ", -1)))
                .isInstanceOfSatisfying(CommandLine.Help.class, help -> assertThat(help.text())
                        .startsWith("Usage: " + command + " ")
                        .contains(told));
    }

    @Test
    void usage_of_the_launcher_names_each_command_and_option() throws IOException {
        String launcher = Files.readString(Path.of("asyncjobs"));
        String usage = launcher.substring(0, launcher.indexOf("\nUSAGE\n"));
        for (Object command : CommandLine.commands()) {
            CommandSpec spec = CommandSpec.forAnnotatedObject(command);
            assertThat(usage).contains("asyncjobs " + spec.name());
            spec.options().forEach(option -> assertThat(usage).contains(option.longestName()));
        }
        assertThat(usage).contains(ProvisioningCommands.NAMES);
    }

    private static CommandLine parse(String... arguments) {
        return CommandLine.parse(arguments, Map.of(), "tester");
    }

    private static CommandLine.Start started(Map<String, String> environment, String... arguments) {
        return (CommandLine.Start) CommandLine.parse(arguments, environment, "");
    }
}
