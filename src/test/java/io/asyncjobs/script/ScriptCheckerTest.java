package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.platform.problem.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Many scripts checked together, by a real worker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScriptCheckerTest {

    private TestPool pool = TestPool.start();

    @BeforeAll
    void ready() {
        pool.awaitReady(1);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    @Test
    void each_script_of_a_check_has_its_own_problems() {
        List<List<ScriptProblem>> problems =
                TestPool.await(pool.pool.check(List.of("return 1;", "\nreturn (;", "let a = 1;", "require('fs');")));

        assertThat(problems).hasSize(4);
        assertThat(problems.get(0)).isEmpty();
        assertThat(problems.get(1)).singleElement().satisfies(problem -> assertThat(problem.line())
                .isEqualTo(2));
        assertThat(problems.get(2)).isEmpty();
        assertThat(problems.get(3)).singleElement().satisfies(problem -> assertThat(problem.message())
                .contains("require"));
    }

    @Test
    void scripts_of_one_check_do_not_see_each_other() {
        assertThat(TestPool.await(pool.pool.check(List.of("const same = 1;", "const same = 2;"))))
                .containsExactly(List.of(), List.of());
    }

    @Test
    void sound_scripts_are_known_after_a_preparation_and_others_are_not() {
        ScriptChecker checker = new ScriptChecker(pool.pool);
        List<String> sound = IntStream.range(0, 450)
                .mapToObj("return %d; // prepared"::formatted)
                .toList();
        List<String> unsound = List.of(
                "return (; // prepared", " ", "x".repeat(ScriptSource.MAX_BYTES + 1), "\ud800", "((".repeat(9_000));

        checker.prepare(Stream.concat(unsound.stream(), sound.stream()).toList());
        pool.close();
        try {
            assertThat(sound).allSatisfy(text -> {
                List<Violation> violations = new ArrayList<>();
                assertThat(checker.checked("script", text, violations)).isPresent();
                assertThat(violations).isEmpty();
            });
        } finally {
            pool = TestPool.start();
            pool.awaitReady(1);
        }
        ScriptChecker other = new ScriptChecker(pool.pool);
        other.prepare(unsound);
        assertThat(unsound).allSatisfy(text -> {
            List<Violation> violations = new ArrayList<>();
            assertThat(other.checked("script", text, violations)).isEmpty();
            assertThat(violations).isNotEmpty();
        });
    }
}
