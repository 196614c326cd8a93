package io.asyncjobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What is released: the service as it was packaged, and its workers. */
class PackagedServiceIT {

    @Test
    void nothing_of_the_benchmark_is_packaged() throws IOException {
        List<String> service = ownClasses(Path.of("target", "quarkus-app"));
        List<String> worker = ownClasses(Path.of("target", "worker", "lib"));

        assertThat(service).contains("io/asyncjobs/Main.class", "io/asyncjobs/run/ScriptRunner.class");
        assertThat(worker).contains("io/asyncjobs/script/worker/Worker.class");
        assertThat(service).doesNotContain("io/asyncjobs/run/UnscriptedRuns.class");
        assertThat(service).noneMatch(name -> name.startsWith("io/asyncjobs/bench/"));
        assertThat(worker).allMatch(name -> name.startsWith("io/asyncjobs/script/worker/"));
    }

    private static List<String> ownClasses(Path folder) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.walk(folder)) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
        List<String> classes = new ArrayList<>();
        for (Path jar : jars) {
            try (JarFile file = new JarFile(jar.toFile())) {
                file.stream()
                        .map(ZipEntry::getName)
                        .filter(name -> name.startsWith("io/asyncjobs/") && name.endsWith(".class"))
                        .forEach(classes::add);
            }
        }
        return classes;
    }
}
