package io.asyncjobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lines of docs/api.md, pasted into a shell one after the other.
 *
 * <p>{@code $} begins a command and {@code >} goes on with it; what follows is its output, in which {@code …} stands for
 * anything on that line.
 */
class CookbookIT {

    private static final Pattern BLOCK = Pattern.compile("```console\n(?<lines>.*?)```", Pattern.DOTALL);
    private static final String MARK = "\u001e";
    private static final int ALL_OF_THEM = 50;

    private record Step(String command, List<String> output) {}

    @TempDir
    Path folder;

    @Test
    void every_line_of_the_cookbook_does_what_it_says() throws Exception {
        List<Step> steps = steps(Files.readString(Path.of("docs/api.md")));
        assertThat(steps).hasSizeGreaterThan(ALL_OF_THEM);

        List<String> outputs;
        try (ServiceProcess service = ServiceProcess.startIn(folder.resolve("data"))) {
            outputs = run(service, steps);
        }

        SoftAssertions softly = new SoftAssertions();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            softly.assertThat(outputs.get(i)).as("$ " + step.command()).matches(pattern(step.output()));
        }
        softly.assertAll();
    }

    private static List<Step> steps(String page) {
        List<Step> steps = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(page);
        while (blocks.find()) {
            for (String line : blocks.group("lines").lines().toList()) {
                if (line.startsWith("$ ")) {
                    steps.add(new Step(line.substring(2), new ArrayList<>()));
                } else if (line.startsWith("> ")) {
                    Step begun = steps.removeLast();
                    steps.add(new Step(begun.command() + "\n" + line.substring(2), begun.output()));
                } else {
                    steps.getLast().output().add(line);
                }
            }
        }
        return steps;
    }

    private List<String> run(ServiceProcess service, List<Step> steps) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder();
        for (Step step : steps) {
            script.append(step.command()
                            .replace("http://127.0.0.1:8080", service.uri().toString())
                            .replace("./asyncjobs token", launcher() + " token --data '" + service.data() + "'"))
                    .append("\nprintf '")
                    .append(MARK)
                    .append("'\n");
        }
        Path said = folder.resolve("said");
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", script.toString())
                .directory(Files.createDirectory(folder.resolve("work")).toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        shell.environment().put("ASYNCJOBS_BUILD", "never");
        Process process = shell.start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        String output = Files.readString(said);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(ended).as(output).isTrue();
        List<String> outputs = List.of(output.split(MARK, -1));
        assertThat(outputs).as(output).hasSize(steps.size() + 1);
        return outputs;
    }

    private static String launcher() {
        return "'" + Path.of("asyncjobs").toAbsolutePath() + "'";
    }

    private static Pattern pattern(List<String> output) {
        StringBuilder pattern = new StringBuilder();
        for (String line : output) {
            for (String part : line.splitWithDelimiters("…", -1)) {
                pattern.append(part.equals("…") ? "[^\\n]*" : Pattern.quote(part));
            }
            pattern.append("\\n+");
        }
        return Pattern.compile(pattern.toString());
    }
}
