package io.asyncjobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Cookbook;
import io.asyncjobs.testsupport.ServiceProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of docs/api.md. */
class CookbookIT {

    private static final int ALL_OF_THEM = 50;

    @TempDir
    Path folder;

    @Test
    void every_line_of_the_cookbook_does_what_it_says() throws Exception {
        Cookbook cookbook = Cookbook.of(Path.of("docs/api.md"));
        assertThat(cookbook.size()).isGreaterThan(ALL_OF_THEM);

        try (ServiceProcess service = ServiceProcess.startIn(folder.resolve("data"))) {
            cookbook.follow(service, folder.resolve("work"), Map.of());
        }
    }
}
