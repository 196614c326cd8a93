package io.asyncjobs.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.Fast;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@Fast
class FaultPlanTest {

    private static final int MANY = 400;

    @Test
    void seed_gives_the_same_plan_each_time() {
        assertThat(bursts(new FaultPlan(7, FaultKind.all(), false)))
                .isEqualTo(bursts(new FaultPlan(7, FaultKind.all(), false)));
        assertThat(bursts(new FaultPlan(7, FaultKind.all(), false)))
                .isNotEqualTo(bursts(new FaultPlan(8, FaultKind.all(), false)));
    }

    @Test
    void burst_does_not_rest_on_those_before() {
        assertThat(new FaultPlan(7, FaultKind.all(), false).burst(20))
                .isEqualTo(bursts(new FaultPlan(7, FaultKind.all(), false)).get(20));
    }

    @Test
    void every_kind_comes_alone_and_with_others() {
        List<FaultPlan.Burst> bursts = bursts(new FaultPlan(3, FaultKind.all(), false));
        Set<FaultKind> expected = EnumSet.copyOf(FaultKind.drawable(FaultKind.all()));

        assertThat(bursts.stream()
                        .filter(FaultPlan.Burst::isSolo)
                        .flatMap(burst -> burst.faults().stream())
                        .map(FaultPlan.Fault::kind))
                .containsAll(expected);
        assertThat(bursts.stream()
                        .filter(burst -> !burst.isSolo())
                        .flatMap(burst -> burst.faults().stream())
                        .map(FaultPlan.Fault::kind))
                .containsAll(expected);
    }

    @Test
    void faults_that_come_alone_take_turns() {
        List<FaultPlan.Burst> bursts = bursts(new FaultPlan(3, Set.of(FaultKind.NET_CUT, FaultKind.PG_KILL), true));

        assertThat(bursts).allMatch(FaultPlan.Burst::isSolo);
        assertThat(bursts.subList(0, 4).stream()
                        .map(burst -> burst.faults().getFirst().kind()))
                .containsExactlyInAnyOrder(FaultKind.NET_CUT, FaultKind.PG_KILL, FaultKind.NET_CUT, FaultKind.PG_KILL);
    }

    @Test
    void only_kinds_that_were_asked_for_come() {
        assertThat(bursts(new FaultPlan(3, Set.of(FaultKind.NET_CUT, FaultKind.CHANGES), false)).stream()
                        .flatMap(burst -> burst.faults().stream())
                        .map(FaultPlan.Fault::kind))
                .containsOnly(FaultKind.NET_CUT);
        assertThatThrownBy(() -> new FaultPlan(3, Set.of(FaultKind.CHANGES), false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<FaultPlan.Burst> bursts(FaultPlan plan) {
        return IntStream.range(0, MANY).mapToObj(plan::burst).toList();
    }
}
