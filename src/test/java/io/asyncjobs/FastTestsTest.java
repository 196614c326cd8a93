package io.asyncjobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.junit.AnalyzeClasses;
import io.asyncjobs.testsupport.Fast;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Exactly the tests that need nothing but this JVM are marked with {@link Fast}. */
@Fast
class FastTestsTest {

    /** By name: this class uses none of them. */
    private static final Set<String> NEEDS = Set.of(
            "io.quarkus.test.junit.QuarkusTest",
            "io.asyncjobs.testsupport.TestDatabase",
            "io.asyncjobs.testsupport.ServiceProcess",
            "io.asyncjobs.testsupport.Chromium",
            "io.asyncjobs.testsupport.NodeTools",
            "io.asyncjobs.platform.embedded.EmbeddedDatabase",
            "io.asyncjobs.script.ScriptPool",
            "java.lang.ProcessBuilder");

    @Test
    void tests_that_need_nothing_are_marked_and_no_others() {
        List<JavaClass> tests = new ClassFileImporter()
                .importPackages("io.asyncjobs").stream()
                        .filter(FastTestsTest::hasTests)
                        .toList();

        assertThat(tests).hasSizeGreaterThan(100);
        assertThat(tests).allSatisfy(test -> assertThat(test.isAnnotatedWith(Fast.class))
                .as("%s needs %s", test.getName(), needs(test))
                .isEqualTo(needs(test).isEmpty()));
    }

    private static boolean hasTests(JavaClass type) {
        // Those named IT need the package
        return isOfTests(type)
                && type.getSimpleName().endsWith("Test")
                && (type.isAnnotatedWith(AnalyzeClasses.class)
                        || type.getMethods().stream()
                                .anyMatch(method -> method.isAnnotatedWith(Test.class)
                                        || method.isAnnotatedWith(ParameterizedTest.class)));
    }

    /** What it uses of the things that take long, directly or through other classes of the tests. */
    private static Set<String> needs(JavaClass test) {
        Set<String> needs = new HashSet<>();
        Set<JavaClass> seen = new HashSet<>(Set.of(test));
        Deque<JavaClass> left = new ArrayDeque<>(seen);
        while (!left.isEmpty()) {
            for (Dependency dependency : left.removeFirst().getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass();
                if (NEEDS.contains(target.getName())) {
                    needs.add(target.getSimpleName());
                } else if (isOfTests(target) && seen.add(target)) {
                    left.add(target);
                }
            }
        }
        return needs;
    }

    private static boolean isOfTests(JavaClass type) {
        return type.getSource()
                .map(source -> source.getUri().toString().contains("/test-classes/"))
                .orElse(false);
    }
}
