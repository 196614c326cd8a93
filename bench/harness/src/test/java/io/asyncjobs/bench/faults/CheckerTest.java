package io.asyncjobs.bench.faults;

import static io.asyncjobs.bench.faults.HistoryBuilder.run;
import static io.asyncjobs.bench.faults.HistoryBuilder.second;
import static io.asyncjobs.bench.faults.HistoryBuilder.tick;
import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.bench.faults.Report.What;
import io.asyncjobs.bench.faults.Violation.Kind;
import io.asyncjobs.testsupport.Fast;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each promise broken by hand, and what the checker says of it. */
@Fast
class CheckerTest {

    @Test
    void runs_and_gaps_that_cover_each_tick_once_are_well() {
        assertThat(found(new HistoryBuilder().ranWell(5))).isEmpty();
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .gap(3, 4, "overlap")
                        .gap(7, 1, "down")
                        .nextTick(8)))
                .isEmpty();
    }

    @Test
    void tick_without_run_and_gap_is_found() {
        HistoryBuilder history = new HistoryBuilder().ranWell(5);
        history.runs.remove(2);

        assertThat(found(history)).contains(Kind.UNACCOUNTED_TICK);
        assertThat(found(new HistoryBuilder().ranWell(5).nextTick(7))).contains(Kind.UNACCOUNTED_TICK);
        assertThat(found(new HistoryBuilder().nextTick(3))).contains(Kind.UNACCOUNTED_TICK);
        assertThat(found(new HistoryBuilder().ranWell(5).staleTimer())).contains(Kind.UNACCOUNTED_TICK);
    }

    @Test
    void tick_that_is_covered_twice_is_found() {
        assertThat(found(new HistoryBuilder().ranWell(5).ran(9, 2, "lost"))).containsExactly(Kind.DOUBLED_TICK);
        assertThat(found(new HistoryBuilder().ranWell(5).gap(4, 1, "overlap"))).containsExactly(Kind.DOUBLED_TICK);
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .gap(3, 4, "overlap")
                        .gap(6, 1, "down")
                        .nextTick(7)))
                .containsExactly(Kind.DOUBLED_TICK);
    }

    @Test
    void tick_beside_the_grid_is_found() {
        assertThat(found(new HistoryBuilder().ranWell(5).ran(9, 2.3, "failed"))).containsExactly(Kind.STRAY_TICK);
        assertThat(found(new HistoryBuilder().ranWell(5).nextTick(5.2))).contains(Kind.STRAY_TICK);
    }

    @Test
    void grid_ends_with_the_archiving_and_begins_anew_with_the_return() {
        HistoryBuilder history =
                new HistoryBuilder().ranWell(3).revision(2.7, true, 1, "a").revision(9.0, false, 1, "b");
        history.runs.add(new History.Run(run(7), history.job, true, second(9.4), second(9.4), "failed", 7, false));

        assertThat(found(history.nextTickAt(second(10.4)))).isEmpty();
    }

    @Test
    void archived_job_has_no_ticks() {
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .revision(2.7, true, 1, "a")
                        .event("archive", "a", null)))
                .isEmpty();
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .revision(2.7, true, 1, "a")
                        .event("archive", "a", null)
                        .gap(4, 1, "overlap")))
                .containsExactly(Kind.STRAY_TICK);
    }

    @Test
    void what_was_claimed_just_before_the_archiving_may_run() {
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .ran(3, 3, "lost")
                        .revision(3.4, true, 1, "a")
                        .event("archive", "a", null)))
                .isEmpty();
    }

    @Test
    void interval_that_changes_makes_another_grid() {
        HistoryBuilder history = new HistoryBuilder().ranWell(3).revision(3.0, false, 2, "slower");
        for (int i = 0; i < 3; i++) {
            history.runs.add(new History.Run(
                    run(10 + i), history.job, true, second(4.1 + 2 * i), second(4.1 + 2 * i), "failed", 10 + i, false));
        }

        assertThat(found(history.nextTickAt(second(10.1)))).isEmpty();
        history.runs.removeLast();
        assertThat(found(history)).containsExactly(Kind.UNACCOUNTED_TICK);
    }

    @Test
    void ticks_during_a_slow_change_are_of_the_old_grid_or_of_the_new_one() {
        HistoryBuilder history = new HistoryBuilder().ranWell(3).revision(2.7, false, 2, "slower");
        history.changes.add(new Change(0, 5_000_000_000L, "update", HistoryBuilder.NAME, "slower", 200, null));
        // The old grid until the change was there, then the new one, which goes on from the last tick
        for (double second : new double[] {3.5, 4.5, 6.5, 8.5}) {
            int number = 10 + (int) second;
            history.runs.add(new History.Run(
                    run(number), history.job, true, second(second), second(second), "failed", number, false));
        }
        history.nextTickAt(second(10.5));
        history.event("update", "slower", null);

        assertThat(found(history)).isEmpty();
        history.runs.remove(history.runs.size() - 2);
        assertThat(found(history)).containsExactly(Kind.UNACCOUNTED_TICK);
    }

    @Test
    void first_tick_after_a_slow_change_counts_from_when_the_change_was_there() {
        HistoryBuilder history =
                new HistoryBuilder().ranWell(3).revision(2.7, true, 1, "away").revision(4.0, false, 2, "back");
        history.changes.add(new Change(0, 6_000_000_000L, "update", HistoryBuilder.NAME, "back", 200, null));
        for (double second : new double[] {9.5, 11.5}) {
            int number = 10 + (int) second;
            history.runs.add(new History.Run(
                    run(number), history.job, true, second(second), second(second), "failed", number, false));
        }
        history.nextTickAt(second(13.5));
        history.event("update", "back", null);

        assertThat(found(history)).isEmpty();
        history.runs.removeLast();
        assertThat(found(history)).containsExactly(Kind.UNACCOUNTED_TICK);
    }

    @Test
    void earlier_run_that_acts_after_a_later_one_began_is_found() {
        HistoryBuilder history =
                new HistoryBuilder().ranWell(2).ran(2, 2, "lost").ran(3, 3, "failed");
        history.told(2, What.START, 2.5, 2).told(3, What.START, 9.0, 2).nextTick(4);
        assertThat(found(history)).isEmpty();

        history.told(2, What.BEAT, 9.1, -1);
        assertThat(found(history)).containsExactly(Kind.OVERLAP);
        history.reports.removeLast();
        history.told(2, What.BEAT, 9.1, -1, true);
        assertThat(found(history)).containsExactly(Kind.EFFECT_OF_FENCED_RUN);
    }

    @Test
    void run_that_begins_after_one_of_a_later_epoch_is_found() {
        HistoryBuilder history =
                new HistoryBuilder().ranWell(2).ran(2, 2, "lost").ran(3, 3, "failed");
        history.told(3, What.START, 9.0, 2).told(2, What.START, 9.1, 2).nextTick(4);

        assertThat(found(history)).containsExactly(Kind.LATE_START);
    }

    @Test
    void run_that_nobody_recorded_is_found() {
        assertThat(found(new HistoryBuilder().ranWell(2).told(9, What.START, 8, 2)))
                .containsExactly(Kind.UNRECORDED_RUN);
    }

    @Test
    void run_that_succeeded_unheard_or_was_heard_twice_is_found() {
        HistoryBuilder unheard = new HistoryBuilder().ranWell(3);
        unheard.reports.removeLast();
        assertThat(found(unheard)).containsExactly(Kind.WRONG_RECORD);

        assertThat(found(new HistoryBuilder().ranWell(3).told(2, What.START, 2.55, 2)))
                .containsExactly(Kind.WRONG_RECORD);
    }

    @Test
    void run_without_end_and_lease_is_found() {
        assertThat(found(new HistoryBuilder().ranWell(3).ran(3, 3, null).nextTick(4)))
                .containsExactly(Kind.RUN_WITHOUT_END);
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .ran(3, 3, null)
                        .leased(3)
                        .nextTick(4)))
                .isEmpty();
    }

    @Test
    void state_that_was_lost_or_kept_of_a_failed_run_is_found() {
        assertThat(found(new HistoryBuilder().ranWell(3).stored(2))).containsExactly(Kind.STALE_STATE);

        HistoryBuilder stale = new HistoryBuilder().ranWell(3).ran(3, 3, "failed");
        stale.told(3, What.START, 3.5, 2).nextTick(4);
        assertThat(found(stale)).contains(Kind.STALE_STATE);

        HistoryBuilder kept = new HistoryBuilder()
                .ranWell(3)
                .ran(3, 3, "failed")
                .told(3, What.START, 3.5, 3)
                .ran(4, 4, "failed")
                .told(4, What.START, 4.5, 4)
                .stored(4)
                .nextTick(5);
        assertThat(found(kept)).containsExactly(Kind.STALE_STATE);
    }

    @Test
    void record_of_a_script_that_is_missing_doubled_or_of_a_run_taken_over_is_found() {
        HistoryBuilder missing = new HistoryBuilder().ranWell(3);
        missing.probes.remove(run(1));
        assertThat(found(missing)).containsExactly(Kind.WRONG_AUDIT);

        HistoryBuilder doubled = new HistoryBuilder().ranWell(3);
        doubled.probes.put(run(1), 2);
        assertThat(found(doubled)).containsExactly(Kind.WRONG_AUDIT);

        HistoryBuilder takenOver =
                new HistoryBuilder().ranWell(3).takenOver(3, 3).nextTick(4);
        assertThat(found(takenOver)).isEmpty();
        takenOver.probes.put(run(3), 1);
        assertThat(found(takenOver)).containsExactly(Kind.WRONG_AUDIT);

        HistoryBuilder killed =
                new HistoryBuilder().ranWell(3).ran(3, 3, "lost").nextTick(4);
        killed.probes.put(run(3), 1);
        assertThat(found(killed)).isEmpty();
        killed.probes.put(run(3), 2);
        assertThat(found(killed)).containsExactly(Kind.WRONG_AUDIT);
    }

    @Test
    void change_has_one_event_and_one_revision_or_none() {
        assertThat(found(archived(200, 1, true))).isEmpty();
        assertThat(found(archived(0, 1, true))).isEmpty();
        assertThat(found(archived(0, 0, false))).isEmpty();
        assertThat(found(archived(503, 1, true))).isEmpty();
        assertThat(found(archived(409, 0, false))).isEmpty();
        assertThat(found(archived(200, 0, false))).containsExactly(Kind.CHANGE_LOST);
        assertThat(found(archived(200, 2, true))).contains(Kind.CHANGE_TWICE);
        assertThat(found(archived(409, 1, true))).containsExactly(Kind.REFUSED_CHANGE);
        assertThat(found(archived(0, 1, false))).contains(Kind.HALF_CHANGE);
        assertThat(found(archived(0, 0, true))).contains(Kind.HALF_CHANGE);
    }

    @Test
    void pause_that_only_the_trail_knows_of_is_found() {
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .event("pause", "p", null)
                        .paused()))
                .isEmpty();
        assertThat(found(new HistoryBuilder().ranWell(3).event("pause", "p", null)))
                .containsExactly(Kind.HALF_CHANGE);
        assertThat(found(new HistoryBuilder().ranWell(3).paused())).containsExactly(Kind.HALF_CHANGE);
    }

    @Test
    void run_by_hand_is_on_record_with_its_event() {
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .change("run", "r", 202, run(1))
                        .event("run", "r", run(1))))
                .isEmpty();
        assertThat(found(new HistoryBuilder()
                        .ranWell(3)
                        .change("run", "r", 202, run(8))
                        .event("run", "r", run(8))))
                .containsExactly(Kind.HALF_CHANGE);
        assertThat(found(new HistoryBuilder().ranWell(3).change("run", "r", 202, run(1))))
                .containsExactly(Kind.CHANGE_LOST);
    }

    @Test
    void job_that_was_created_is_there_until_it_is_deleted() {
        assertThat(found(new HistoryBuilder()
                        .gone()
                        .change("create", "c", 201, null)
                        .event("create", "c", null)))
                .containsExactly(Kind.HALF_CHANGE);
        assertThat(found(new HistoryBuilder()
                        .gone()
                        .change("create", "c", 201, null)
                        .event("create", "c", null)
                        .event("delete", "d", null)))
                .isEmpty();
    }

    @Test
    void evidence_names_the_tick() {
        HistoryBuilder history = new HistoryBuilder().ranWell(3).ran(9, 1, "lost");

        assertThat(Checker.check(history.build()))
                .singleElement()
                .extracting(Violation::evidence)
                .asString()
                .contains(
                        run(9).toString(),
                        run(1).toString(),
                        java.time.Instant.ofEpochMilli(tick(1) / 1_000).toString());
    }

    private static HistoryBuilder archived(int status, int events, boolean revised) {
        HistoryBuilder history = new HistoryBuilder().ranWell(3).change("archive", "x", status, null);
        for (int i = 0; i < events; i++) {
            history.event("archive", "x", null);
        }
        if (revised) {
            history.revision(2.7, true, 1, "x");
        }
        return history;
    }

    private static List<Kind> found(HistoryBuilder history) {
        return Checker.check(history.build()).stream()
                .map(Violation::kind)
                .distinct()
                .toList();
    }
}
