package io.asyncjobs.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The pipelines of examples/ci: PipelineIT runs the scripts that they call. */
@Fast
class PipelineFilesTest {

    private static final Path FOLDER = Path.of("examples/ci");
    private static final Pattern SCRIPT = Pattern.compile("\\./([a-z-]+\\.sh)\\b");

    @ParameterizedTest
    @ValueSource(strings = {".gitlab-ci.yml", ".github/workflows/jobs.yml", ".github/workflows/nightly.yml"})
    void pipeline_is_yaml_and_calls_scripts_that_exist(String file) throws IOException {
        List<String> scripts = scripts(file);

        assertThat(scripts).isNotEmpty().allSatisfy(script -> assertThat(FOLDER.resolve(script))
                .isExecutable());
    }

    @ParameterizedTest
    @ValueSource(strings = {".gitlab-ci.yml", ".github/workflows/jobs.yml", ".github/workflows/nightly.yml"})
    void no_command_line_has_a_token(String file) throws IOException {
        assertThat(commands(file))
                .isNotEmpty()
                .noneMatch(command ->
                        command.contains("TOKEN") || command.contains("secrets.") || command.contains("${{"));
    }

    @Test
    void both_pipelines_do_the_same() throws IOException {
        TreeSet<String> gitlab = new TreeSet<>(scripts(".gitlab-ci.yml"));
        assertThat(gitlab).isEqualTo(files(".sh"));

        TreeSet<String> github = new TreeSet<>(scripts(".github/workflows/jobs.yml"));
        github.addAll(scripts(".github/workflows/nightly.yml"));
        gitlab.remove("comment-gitlab.sh");
        assertThat(github).isEqualTo(gitlab);
    }

    @ParameterizedTest
    @ValueSource(strings = {".github/workflows/jobs.yml", ".github/workflows/nightly.yml"})
    void each_job_needs_only_jobs_that_exist(String file) throws IOException {
        Map<?, ?> jobs = map(yaml(file), "jobs");

        jobs.values().stream()
                .map(job -> ((Map<?, ?>) job).get("needs"))
                .filter(String.class::isInstance)
                .forEach(needed ->
                        assertThat(jobs.containsKey(needed)).as("%s", needed).isTrue());
    }

    @Test
    void each_job_of_gitlab_has_a_stage_that_exists() throws IOException {
        Map<?, ?> pipeline = yaml(".gitlab-ci.yml");

        assertThat(pipeline.values().stream()
                        .filter(Map.class::isInstance)
                        .map(job -> ((Map<?, ?>) job).get("stage"))
                        .filter(String.class::isInstance)
                        .toList())
                .isEqualTo(pipeline.get("stages"));
    }

    private static List<String> scripts(String file) throws IOException {
        return commands(file).stream()
                .flatMap(command -> SCRIPT.matcher(command).results())
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    private static TreeSet<String> files(String end) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            TreeSet<String> names = new TreeSet<>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(end))
                    .forEach(names::add);
            return names;
        }
    }

    /** All that a shell of the pipeline runs. */
    private static List<String> commands(String file) throws IOException {
        List<String> commands = new ArrayList<>();
        collect(yaml(file), commands);
        return commands;
    }

    private static void collect(Object value, List<String> commands) {
        if (value instanceof List<?> list) {
            list.forEach(entry -> collect(entry, commands));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, entry) -> {
                if (key.equals("run")) {
                    commands.add((String) entry);
                } else if (key.equals("script")) {
                    ((List<?>) entry).forEach(line -> commands.add((String) line));
                } else {
                    collect(entry, commands);
                }
            });
        }
    }

    private static Map<?, ?> map(Map<?, ?> parent, String key) {
        assertThat(parent.get(key)).isInstanceOf(Map.class);
        return (Map<?, ?>) Objects.requireNonNull(parent.get(key));
    }

    private static Map<?, ?> yaml(String file) throws IOException {
        Object document = new Load(LoadSettings.builder().setLabel(file).build())
                .loadFromString(Files.readString(FOLDER.resolve(file)));
        return (Map<?, ?>) document;
    }
}
