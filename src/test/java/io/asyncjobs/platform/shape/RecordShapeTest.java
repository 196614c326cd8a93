package io.asyncjobs.platform.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.asyncjobs.platform.shape.ValueShape.Kind;
import io.asyncjobs.testsupport.Fast;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Fast
class RecordShapeTest {

    enum Colour {
        RED,
        @JsonProperty("dark_blue")
        BLUE
    }

    record Inner(@Size(max = 9) String note, @Nullable Inner deeper) {}

    record Flat(@Size(max = 9) String note) {}

    record Draft(
            @Size(min = 2, max = 20) @Schema(description = "What it is called")
            String name,

            @Schema(maxLength = 50) String counted,
            @Schema(defaultValue = "60") @Min(1) @Max(300) int seconds,
            @Nullable Long large,
            double share,
            @Schema(defaultValue = "true") boolean active,
            @Schema(defaultValue = "red") Colour colour,
            @Nullable Instant until,
            UUID id,
            @ForScripts @Schema(defaultValue = "{}") ObjectNode parameters,
            @Size(max = 3) List<@Size(max = 5) String> words,
            Set<Colour> colours,
            Map<String, Integer> counts,
            @Nullable Flat inner,

            @Schema(writeOnly = true) @Nullable String secret) {}

    record Answer(
            String text,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String rare) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Short(String text, List<String> words, @Nullable String rare) {}

    record Page<T>(List<T> items) {}

    private static final RecordShape DRAFT = RecordShape.of(Draft.class);

    @Test
    void field_is_required_when_it_is_neither_nullable_nor_has_a_default() {
        assertThat(DRAFT.required()).containsExactly("name", "counted", "share", "id", "words", "colours", "counts");
        assertThat(DRAFT.leaf("seconds").required()).isFalse();
        assertThat(DRAFT.leaf("seconds").nullable()).isFalse();
        assertThat(DRAFT.leaf("until").nullable()).isTrue();
    }

    @Test
    void every_component_has_its_kind() {
        assertThat(DRAFT.fields().stream().map(field -> field.value().kind()))
                .containsExactly(
                        Kind.TEXT,
                        Kind.TEXT,
                        Kind.WHOLE,
                        Kind.WHOLE,
                        Kind.DECIMAL,
                        Kind.TRUTH,
                        Kind.CONSTANT,
                        Kind.INSTANT,
                        Kind.UUID,
                        Kind.FREE,
                        Kind.LIST,
                        Kind.SET,
                        Kind.MAP,
                        Kind.RECORD,
                        Kind.TEXT);
        assertThat(DRAFT.leaf("seconds").value().isSmall()).isTrue();
        assertThat(DRAFT.leaf("large").value().isSmall()).isFalse();
    }

    @Test
    void limits_are_those_of_the_constraints() {
        assertThat(DRAFT.leaf("seconds").limits()).isEqualTo(Limits.ofNumber(1, 300));
        assertThat(DRAFT.leaf("name").limits()).isEqualTo(Limits.ofSize(20));
        assertThat(DRAFT.leaf("share").limits()).isEqualTo(Limits.NONE);
    }

    @Test
    void length_that_only_the_document_names_is_no_limit_of_the_form() {
        assertThat(DRAFT.leaf("counted").limits().mostSaid()).isEqualTo(50);
        assertThat(DRAFT.leaf("counted").maxLength()).isNull();
        assertThat(DRAFT.leaf("name").maxLength()).isEqualTo(20);
        assertThat(DRAFT.leaf("words").maxLength())
                .as("entries are no characters")
                .isNull();
    }

    @Test
    void constants_have_their_names_outside() {
        assertThat(DRAFT.leaf("colour").options()).containsExactly("red", "dark_blue");
        assertThat(DRAFT.leaf("name").options()).isEmpty();
        assertThat(EnumNames.of(Colour.class)).containsEntry("dark_blue", Colour.BLUE);
    }

    @Test
    void containers_have_the_shape_of_what_they_hold() {
        assertThat(DRAFT.leaf("words").value().held().kind()).isEqualTo(Kind.TEXT);
        assertThat(DRAFT.leaf("colours").value().held().type()).isEqualTo(Colour.class);
        assertThat(DRAFT.leaf("counts").value().held().kind()).isEqualTo(Kind.WHOLE);
        assertThatThrownBy(() -> DRAFT.leaf("name").value().held()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nested_records_are_found_by_dotted_paths() {
        assertThat(DRAFT.leaves()).containsKey("inner.note").doesNotContainKey("inner");
        assertThat(DRAFT.leaf("inner.note").maxLength()).isEqualTo(9);
    }

    @Test
    void record_may_hold_its_own_kind() {
        RecordShape shape = RecordShape.of(Inner.class);

        assertThat(shape.leaf("deeper.deeper.note").maxLength()).isEqualTo(9);
    }

    @Test
    void unknown_path_has_no_rules() {
        for (String path : List.of("", "other", "inner", "inner.other", "name.other", "innernote")) {
            assertThat(DRAFT.leaf(path)).as(path).isSameAs(FieldShape.WITHOUT_RULES);
        }
        assertThat(FieldShape.WITHOUT_RULES.maxLength()).isNull();
        assertThat(FieldShape.WITHOUT_RULES.options()).isEmpty();
    }

    @Test
    void marks_are_read() {
        assertThat(DRAFT.leaf("secret").secret()).isTrue();
        assertThat(DRAFT.leaf("name").secret()).isFalse();
        assertThat(DRAFT.leaf("parameters").marks().forScripts()).isTrue();
        assertThat(DRAFT.leaf("name").description()).isEqualTo("What it is called");
        assertThat(DRAFT.leaf("colour").standard()).isEqualTo("red");
    }

    @Test
    void answer_leaves_out_only_what_can_be_empty() {
        assertThat(RecordShape.of(Answer.class).leaf("rare").marks().leftOut()).isTrue();
        assertThat(RecordShape.of(Answer.class).leaf("text").marks().leftOut()).isFalse();
        assertThat(RecordShape.of(Short.class).fields().stream()
                        .filter(field -> field.marks().leftOut())
                        .map(FieldShape::name))
                .containsExactly("words", "rare");
    }

    @Test
    void type_variable_is_of_no_kind_that_a_request_holds() {
        assertThat(RecordShape.of(Page.class).leaf("items").value().held().kind())
                .isEqualTo(Kind.OTHER);
    }

    @Test
    void shape_is_derived_once() {
        assertThat(RecordShape.of(Draft.class)).isSameAs(DRAFT);
    }

    @Test
    void class_that_is_no_record_is_refused() {
        assertThatThrownBy(() -> RecordShape.of(String.class)).isInstanceOf(IllegalArgumentException.class);
    }
}
