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
 * The blocks of a page with commands, pasted into a shell one after the other.
 *
 * <p>In a console block {@code $} begins a command and {@code >} goes on with it; what follows is its output, in which
 * {@code …} stands for anything on that line. A block of {@code sh} has commands only.
 */
public final class Cookbook {

    private static final Pattern BLOCK = Pattern.compile("```console\n(?<lines>.*?)```", Pattern.DOTALL);
    private static final Pattern SHELL_BLOCK = Pattern.compile("```sh\n(?<lines>.*?)```", Pattern.DOTALL);
    /** A line ends a command unless a backslash is before its end. */
    private static final Pattern COMMAND = Pattern.compile("(?:[^\n\\\\]|\\\\.)+", Pattern.DOTALL);

    /** Of the service's folder unless the page names one. */
    private static final Pattern TOKEN = Pattern.compile("\\./asyncjobs token(?! --data)");

    private static final String MARK = "\u001e";

    /** A command of the page, and how it ended. */
    public record Followed(String command, ServiceProcess.Ended ended) {}

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

    /** The blocks of {@code sh} on a page. */
    public static Cookbook ofShell(Path page) throws IOException {
        List<Step> steps = SHELL_BLOCK
                .matcher(Files.readString(page))
                .results()
                .flatMap(block -> COMMAND.matcher(block.group("lines")).results())
                .map(command -> new Step(command.group(), List.of()))
                .toList();
        return new Cookbook(steps);
    }

    /** How many commands there are. */
    public int size() {
        return steps.size();
    }

    /**
     * Runs all commands against that service and compares what they print.
     *
     * @param folder where they run; it is made if it is missing
     * @param elsewhere what stands in the page, and what is there instead in this test
     */
    public void follow(ServiceProcess service, Path folder, Map<String, String> elsewhere)
            throws IOException, InterruptedException {
        List<Followed> followed = run(service, folder, elsewhere);
        SoftAssertions softly = new SoftAssertions();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            softly.assertThat(followed.get(i).ended().output())
                    .as("$ " + step.command())
                    .matches(pattern(step.output()));
        }
        softly.assertAll();
    }

    /** As {@link #follow}, for a caller that judges how they ended. */
    public List<Followed> run(ServiceProcess service, Path folder, Map<String, String> elsewhere)
            throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder();
        for (Step step : steps) {
            String command = TOKEN.matcher(step.command())
                    .replaceAll(Matcher.quoteReplacement("./asyncjobs token --data '" + service.data() + "'"))
                    .replace("http://127.0.0.1:8080", service.uri().toString())
                    .replace("./asyncjobs", "'" + Path.of("asyncjobs").toAbsolutePath() + "'");
            for (Map.Entry<String, String> other : elsewhere.entrySet()) {
                command = command.replace(other.getKey(), other.getValue());
            }
            script.append(command)
                    .append("\nprintf '")
                    .append(MARK)
                    .append("%d")
                    .append(MARK)
                    .append("' $?\n");
        }
        Path said = Files.createTempFile(folder.getParent(), "said", "");
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", script.toString())
                .directory(Files.createDirectories(folder).toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        shell.environment().put("ASYNCJOBS_BUILD", "never");
        shell.environment().put("ASYNCJOBS_URL", service.uri().toString());
        Process process = shell.start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        String output = Files.readString(said);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(ended).as(output).isTrue();
        List<String> parts = List.of(output.split(MARK, -1));
        assertThat(parts).as(output).hasSize(2 * steps.size() + 1);
        List<Followed> followed = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            followed.add(new Followed(
                    steps.get(i).command(),
                    new ServiceProcess.Ended(Integer.parseInt(parts.get(2 * i + 1)), parts.get(2 * i))));
        }
        return followed;
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
