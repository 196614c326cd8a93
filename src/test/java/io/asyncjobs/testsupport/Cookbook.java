package io.asyncjobs.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;

/**
 * The console blocks of a page, pasted into a shell one after the other.
 *
 * <p>{@code $} begins a command and {@code >} goes on with it; what follows is its output, in which {@code …} stands for
 * anything on that line.
 */
public final class Cookbook {

    private static final Pattern BLOCK = Pattern.compile("```console\n(?<lines>.*?)```", Pattern.DOTALL);
    private static final String MARK = "\u001e";

    private record Step(String command, List<String> output) {}

    private final List<Step> steps;

    private Cookbook(List<Step> steps) {
        this.steps = steps;
    }

    public static Cookbook of(Path page) throws IOException {
        List<Step> steps = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(Files.readString(page));
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
        return new Cookbook(steps);
    }

    /** How many commands there are. */
    public int size() {
        return steps.size();
    }

    /**
     * Runs all commands against that service and compares what they print.
     *
     * @param folder where they run; it is made
     * @param elsewhere what stands in the page, and what is there instead in this test
     */
    public void follow(ServiceProcess service, Path folder, Map<String, String> elsewhere)
            throws IOException, InterruptedException {
        List<String> outputs = run(service, folder, elsewhere);
        SoftAssertions softly = new SoftAssertions();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            softly.assertThat(outputs.get(i)).as("$ " + step.command()).matches(pattern(step.output()));
        }
        softly.assertAll();
    }

    private List<String> run(ServiceProcess service, Path folder, Map<String, String> elsewhere)
            throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder();
        for (Step step : steps) {
            String command = step.command()
                    .replace("http://127.0.0.1:8080", service.uri().toString())
                    .replace("./asyncjobs token", "./asyncjobs token --data '" + service.data() + "'")
                    .replace("./asyncjobs", "'" + Path.of("asyncjobs").toAbsolutePath() + "'");
            for (Map.Entry<String, String> other : elsewhere.entrySet()) {
                command = command.replace(other.getKey(), other.getValue());
            }
            script.append(command).append("\nprintf '").append(MARK).append("'\n");
        }
        Path said = Files.createTempFile(folder.getParent(), "said", "");
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", script.toString())
                .directory(Files.createDirectory(folder).toFile())
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
