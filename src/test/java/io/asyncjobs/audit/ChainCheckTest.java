package io.asyncjobs.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.audit.AuditFault.Kind;
import io.asyncjobs.platform.crypto.KeyRing;
import io.asyncjobs.testsupport.Fast;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Fast
class ChainCheckTest {

    private static final String KEY = KeyRing.newKey("k1");
    private final AuditSeals seals = AuditSeals.of(List.of(KEY), Optional.empty());

    @Test
    void seal_is_the_documented_hmac_of_length_and_text_of_each_field() throws Exception {
        AuditRecord event = record("ada", "{\"a\":1}");
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        java.io.DataOutputStream out = new java.io.DataOutputStream(bytes);
        for (String part : Arrays.asList(
                "asyncjobs-audit-event-1",
                event.id().toString(),
                event.at().toString(),
                "ada",
                null,
                "api",
                "job",
                "1",
                null,
                "update",
                null,
                "{\"a\":1}",
                null,
                null,
                null,
                "k1")) {
            if (part == null) {
                out.writeInt(-1);
            } else {
                out.writeInt(part.getBytes(StandardCharsets.UTF_8).length);
                out.write(part.getBytes(StandardCharsets.UTF_8));
            }
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(java.util.Base64.getDecoder().decode(KEY.substring(3)), "HmacSHA256"));
        assertThat(seals.seal(event)).contains(HexFormat.of().formatHex(mac.doFinal(bytes.toByteArray())));
    }

    @Test
    void whole_chain_has_no_fault_and_checkpoints_agree() {
        List<LinkedEvent> chain = chain(5);
        assertThat(check(chain, List.of(checkpoint(chain, 3), checkpoint(chain, 5))))
                .isEmpty();
        assertThat(check(List.of(), List.of())).isEmpty();
    }

    @Test
    void cut_tail_shows_by_a_checkpoint_only() {
        List<LinkedEvent> chain = chain(5);
        Checkpoint whole = checkpoint(chain, 5);
        assertThat(check(chain.subList(0, 4), List.of())).isEmpty();
        assertThat(check(chain.subList(0, 4), List.of(whole)))
                .hasValueSatisfying(fault -> assertThat(fault.kind()).isEqualTo(Kind.CUT));
        assertThat(check(List.of(), List.of(whole)))
                .hasValueSatisfying(fault -> assertThat(fault.kind()).isEqualTo(Kind.CUT));
    }

    @Test
    void trail_made_anew_with_the_key_is_unlike_its_checkpoint() {
        assertThat(check(chain(5), List.of(checkpoint(chain(5), 3)))).hasValueSatisfying(fault -> {
            assertThat(fault.kind()).isEqualTo(Kind.REWRITTEN);
            assertThat(fault.seq()).isEqualTo(3);
        });
    }

    @Test
    void checkpoint_that_is_not_signed_is_a_fault_of_its_own() {
        List<LinkedEvent> chain = chain(3);
        Checkpoint forged = new Checkpoint(Instant.EPOCH, 2, chain.get(1).hash(), "k1", "0".repeat(64));
        assertThat(check(chain, List.of(forged)))
                .hasValueSatisfying(fault -> assertThat(fault.kind()).isEqualTo(Kind.FORGED_CHECKPOINT));
    }

    @Test
    void removed_event_is_missing_and_swapped_ones_are_reordered() {
        List<LinkedEvent> chain = chain(5);
        List<LinkedEvent> without = new ArrayList<>(chain);
        without.remove(2);
        assertThat(check(without, List.of())).hasValueSatisfying(fault -> {
            assertThat(fault.kind()).isEqualTo(Kind.MISSING);
            assertThat(fault.seq()).isEqualTo(3);
        });
        List<LinkedEvent> swapped = new ArrayList<>(chain);
        swapped.set(1, at(chain.get(2), 2));
        swapped.set(2, at(chain.get(1), 3));
        assertThat(check(swapped, List.of())).hasValueSatisfying(fault -> {
            assertThat(fault.kind()).isEqualTo(Kind.REORDERED);
            assertThat(fault.seq()).isEqualTo(2);
        });
    }

    @Test
    void key_is_rotated_and_old_events_stay_verifiable() {
        List<LinkedEvent> chain = new ArrayList<>(chain(3));
        String fresh = KeyRing.newKey("k2");
        AuditSeals rotated = AuditSeals.of(List.of(fresh, KEY), Optional.empty());
        append(chain, rotated, "k2");
        append(chain, rotated, "k2");
        assertThat(follow(new ChainCheck(rotated, List.of()), chain)).isEmpty();
        assertThat(follow(new ChainCheck(seals, List.of()), chain)).hasValueSatisfying(fault -> {
            assertThat(fault.kind()).isEqualTo(Kind.UNKNOWN_KEY);
            assertThat(fault.seq()).isEqualTo(4);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"n\":1.0,\"big\":12345678901234567890.10,\"e\":1E5}",
                "{\"text\":\"a \\u0000 \\\"quoted\\\" ü 😀 \\u2028\"}",
                "{\"nested\":{\"a\":[1,{\"b\":null}]},\"z\":1,\"a\":2}"
            })
    void export_line_gives_back_each_character(String json) throws Exception {
        List<LinkedEvent> chain = new ArrayList<>();
        AuditRecord event = record("a\"d\\a\n\u2028 ü", json);
        chain.add(linked(seals, 1, AuditSeals.GENESIS, event));
        LinkedEvent read = ExportLine.parse(ExportLine.of(chain.getFirst()));
        assertThat(read).isEqualTo(chain.getFirst());
        assertThat(check(List.of(read), List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{\"seq\":1}", "{\"seq\":1,\"seq\":2}", "{\"seq\":\"x\"}", "{} {}"})
    void line_that_is_none_is_refused(String line) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> ExportLine.parse(line))
                .isInstanceOf(java.io.IOException.class);
    }

    private List<LinkedEvent> chain(int length) {
        List<LinkedEvent> chain = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            append(chain, seals, "k1");
        }
        return chain;
    }

    private static void append(List<LinkedEvent> chain, AuditSeals seals, String key) {
        AuditRecord event = record("ada", "{\"a\":" + chain.size() + "}", key);
        String previous = chain.isEmpty() ? AuditSeals.GENESIS : chain.getLast().hash();
        chain.add(linked(seals, chain.size() + 1, previous, event));
    }

    private static LinkedEvent linked(AuditSeals seals, long seq, String previous, AuditRecord event) {
        String seal = seals.seal(event).orElseThrow();
        return new LinkedEvent(
                seq,
                event,
                seal,
                previous,
                seals.hash(event.keyId(), seq, previous, seal).orElseThrow());
    }

    private static LinkedEvent at(LinkedEvent event, long seq) {
        return new LinkedEvent(seq, event.event(), event.seal(), event.previousHash(), event.hash());
    }

    private Checkpoint checkpoint(List<LinkedEvent> chain, int count) {
        return Checkpoint.of(seals, Instant.EPOCH, count, chain.get(count - 1).hash());
    }

    private Optional<AuditFault> check(List<LinkedEvent> chain, List<Checkpoint> checkpoints) {
        return follow(new ChainCheck(seals, checkpoints), chain);
    }

    private static Optional<AuditFault> follow(ChainCheck check, List<LinkedEvent> chain) {
        for (LinkedEvent event : chain) {
            Optional<AuditFault> fault = check.next(event);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return check.end();
    }

    private static AuditRecord record(String actor, String after) {
        return record(actor, after, "k1");
    }

    private static AuditRecord record(String actor, String after, String key) {
        return new AuditRecord(
                UUID.randomUUID(),
                Instant.parse("2026-01-31T12:00:00.123456Z"),
                actor,
                null,
                "api",
                "job",
                "1",
                null,
                "update",
                null,
                after,
                null,
                null,
                null,
                key);
    }
}
