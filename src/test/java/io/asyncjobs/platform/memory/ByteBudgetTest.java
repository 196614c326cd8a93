package io.asyncjobs.platform.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.testsupport.Fast;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

@Fast
class ByteBudgetTest {

    private static final long LATER = TimeUnit.MINUTES.toNanos(1);

    @Test
    void what_fits_is_taken_and_what_is_closed_is_free_again() throws Exception {
        ByteBudget budget = new ByteBudget(100, 0);
        ByteBudget.Share share = budget.share(100);
        try (ByteBudget.Hold hold = share.hold()) {
            assertThat(hold.take(60, later())).isTrue();
            hold.giveBack(20);
            assertThat(budget.held()).isEqualTo(40);
        }
        assertThat(budget.held()).isZero();
    }

    @Test
    void one_hold_may_pass_the_budget_and_the_next_waits_until_it_ends() throws Exception {
        ByteBudget budget = new ByteBudget(100, 0);
        ByteBudget.Hold first = budget.share(1_000).hold();
        ByteBudget.Hold second = budget.share(1_000).hold();
        assertThat(first.take(150, later())).isTrue();

        assertThat(second.tryTake(1)).isFalse();
        CompletableFuture<Boolean> waiting = taking(second, 120);
        first.close();

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(budget.held()).isEqualTo(120);
    }

    @Test
    void who_waits_for_its_own_share_does_not_keep_the_others() throws Exception {
        ByteBudget budget = new ByteBudget(100, 0);
        ByteBudget.Share greedy = budget.share(10);
        assertThat(greedy.hold().take(20, later())).isTrue();
        CompletableFuture<Boolean> waiting = taking(greedy.hold(), 20);

        assertThat(budget.share(10).hold().take(5, later())).isTrue();
        assertThat(waiting).isNotDone();
    }

    @Test
    void waiting_ends_at_its_deadline_and_when_the_hold_is_closed() throws Exception {
        ByteBudget budget = new ByteBudget(100, 0);
        assertThat(budget.share(1_000).hold().take(200, later())).isTrue();

        assertThat(budget.share(1_000).hold().take(1, System.nanoTime() + 1_000_000))
                .isFalse();
        ByteBudget.Hold closed = budget.share(1_000).hold();
        CompletableFuture<Boolean> waiting = taking(closed, 1);
        closed.close();
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void small_holds_never_wait() throws Exception {
        ByteBudget budget = new ByteBudget(100, 10);
        assertThat(budget.share(1_000).hold().take(500, later())).isTrue();

        ByteBudget.Hold small = budget.share(0).hold();
        assertThat(small.take(10, System.nanoTime())).isTrue();
        assertThat(small.tryTake(1)).isFalse();
    }

    @Test
    void work_that_takes_more_and_more_never_waits_for_each_other() throws Exception {
        ByteBudget budget = new ByteBudget(1_000, 3);
        AtomicLong most = new AtomicLong();
        List<CompletableFuture<Boolean>> works = new ArrayList<>();
        for (int run = 0; run < 20; run++) {
            ByteBudget.Share share = budget.share(300);
            for (int call = 0; call < 20; call++) {
                Random random = new Random(run * 100L + call);
                works.add(new CompletableFuture<>());
                CompletableFuture<Boolean> done = works.getLast();
                Thread.ofVirtual().start(() -> {
                    boolean all = true;
                    try (ByteBudget.Hold hold = share.hold()) {
                        for (int step = 0; step < 20; step++) {
                            all &= hold.take(random.nextInt(25), later());
                            most.accumulateAndGet(budget.held(), Math::max);
                            Thread.yield();
                        }
                    } catch (InterruptedException e) {
                        all = false;
                    }
                    done.complete(all);
                });
            }
        }

        for (CompletableFuture<Boolean> work : works) {
            assertThat(work.get(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(budget.held()).isZero();
        assertThat(most.get()).isLessThanOrEqualTo(1_000 + 20 * 25);
    }

    private static CompletableFuture<Boolean> taking(ByteBudget.Hold hold, long more) {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> {
            try {
                taken.complete(hold.take(more, later()));
            } catch (InterruptedException e) {
                taken.completeExceptionally(e);
            }
        });
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING || !waiting.isAlive());
        return taken;
    }

    private static long later() {
        return System.nanoTime() + LATER;
    }
}
