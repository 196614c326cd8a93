package io.asyncjobs.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Cookbook;
import io.asyncjobs.testsupport.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/provisioning.md. */
class ProvisioningPageIT {

    private static final Path PAGE = Path.of("docs/provisioning.md");
    private static final int FEWEST = 10;

    @TempDir
    Path folder;

    @Test
    void walk_from_dev_to_uat_does_what_it_says() throws Exception {
        Cookbook walk = Cookbook.of(PAGE);
        assertThat(walk.size()).isGreaterThan(FEWEST);

        try (ServiceProcess dev = ServiceProcess.startIn(folder.resolve("dev"));
                ServiceProcess uat = ServiceProcess.startIn(
                        folder.resolve("uat"), Map.of("ASYNCJOBS_PROVISIONING_APPROVAL_REQUIRED", "true"))) {
            walk.follow(
                    dev,
                    folder.resolve("work"),
                    Map.of(
                            "http://127.0.0.1:8081",
                            uat.uri().toString(),
                            "--data dev",
                            "--data '" + dev.data() + "'",
                            "--data uat",
                            "--data '" + uat.data() + "'"));
        }
    }

    @Test
    void each_command_between_the_paragraphs_works() throws Exception {
        Path work = Files.createDirectory(folder.resolve("work"));
        Files.writeString(work.resolve("dev.yaml"), "jobs:\n- name: only-in-dev\n  script: return 1\n");
        List<Cookbook.Followed> followed;
        try (ServiceProcess service = ServiceProcess.startIn(folder.resolve("data"))) {
            followed = Cookbook.ofShell(PAGE).run(service, work, Map.of());
        }

        assertThat(followed).hasSizeGreaterThanOrEqualTo(FEWEST).allSatisfy(one -> assertThat(
                        one.ended().exitCode())
                .as("%s: %s", one.command(), one.ended().output())
                .isEqualTo(one.command().contains("compare dev.yaml") ? 2 : 0));
        assertThat(output(followed, "./asyncjobs plan")).startsWith("nothing to do\nplan ");
        assertThat(output(followed, "./asyncjobs fingerprint")).matches("[0-9a-f]{64}\n");
        assertThat(output(followed, "./asyncjobs compare")).contains("missing only-in-dev");
        assertThat(output(followed, "zip ")).startsWith("{").contains("\"pending\":0");
        assertThat(work.resolve("report.html")).content().contains("</html>");
        assertThat(work.resolve("report.csv")).content().contains("fingerprint");
    }

    private static String output(List<Cookbook.Followed> followed, String command) {
        return followed.stream()
                .filter(one -> one.command().startsWith(command))
                .findFirst()
                .orElseThrow()
                .ended()
                .output();
    }
}
