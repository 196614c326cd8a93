package io.asyncjobs.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@Fast
class PlacesTest {

    private final List<String> admitted = new ArrayList<>();
    private long now;

    @Test
    void who_finds_no_place_waits_in_turn_and_not_without_bound() {
        Places places = new Places(2, 1);
        Optional<Places.Ticket> first = places.ask(2, () -> admitted.add("first"));
        Optional<Places.Ticket> second = places.ask(1, () -> admitted.add("second"));

        assertThat(places.ask(1, () -> admitted.add("third"))).isEmpty();
        assertThat(admitted).containsExactly("first");

        first.orElseThrow().release();

        assertThat(admitted).containsExactly("first", "second");
        assertThat(places.taken()).isOne();
        second.orElseThrow().release();
        second.orElseThrow().release();
        assertThat(places.taken()).isZero();
    }

    @Test
    void a_large_one_is_not_overtaken_for_ever() {
        Places places = new Places(3, 10);
        Places.Ticket held = places.ask(2, () -> {}).orElseThrow();
        places.ask(3, () -> admitted.add("large"));
        places.ask(1, () -> admitted.add("small"));

        assertThat(admitted).isEmpty();
        held.release();

        assertThat(admitted).containsExactly("large");
    }

    @Test
    void who_asks_for_more_than_there_is_gets_all() {
        Places places = new Places(3, 10);

        Places.Ticket all = places.ask(100, () -> admitted.add("all")).orElseThrow();

        assertThat(admitted).containsExactly("all");
        all.shrink(1);
        assertThat(places.taken()).isOne();
    }

    @Test
    void who_gives_up_lets_the_next_one_pass() {
        Places places = new Places(2, 10);
        places.ask(1, () -> {});
        Places.Ticket large = places.ask(2, () -> admitted.add("large")).orElseThrow();
        Places.Ticket small = places.ask(1, () -> admitted.add("small")).orElseThrow();

        assertThat(large.giveUp()).isTrue();

        assertThat(admitted).containsExactly("small");
        assertThat(small.giveUp()).isFalse();
        assertThat(places.taken()).isEqualTo(2);
    }

    @Test
    void a_slow_reader_makes_room_once_it_had_its_time() {
        Readers readers = new Readers(2, () -> now);
        assertThat(readers.add(() -> admitted.add("eldest evicted"))).isTrue();
        now += Duration.ofMillis(500).toNanos();
        assertThat(readers.add(() -> admitted.add("second evicted"))).isTrue();

        assertThat(readers.add(() -> {})).isFalse();
        now += Duration.ofMillis(600).toNanos();

        assertThat(readers.add(() -> {})).isTrue();
        assertThat(admitted).containsExactly("eldest evicted");
        assertThat(readers.count()).isEqualTo(2);
    }
}
