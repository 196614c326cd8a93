package io.asyncjobs.platform.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** One page of a list. */
@Schema(description = "One page of a list")
public record PageView<T>(
        @Schema(description = "What is on this page", required = true, maxItems = PageRequest.MAX_SIZE)
        List<T> items,

        @Schema(
                description = "Which page this is, from 0",
                examples = "0",
                required = true,
                minimum = "0",
                maximum = "1000000")
        int page,

        @Schema(description = "How many a page holds", examples = "50", required = true, minimum = "1", maximum = "500")
        int size,

        @Schema(
                description = "How many there are on all pages",
                examples = "1",
                required = true,
                minimum = "0",
                maximum = "9007199254740991")
        long total,

        @Schema(
                description =
                        "Of runs and of audit events: what after must be for the page behind this one, whatever is added"
                                + " meanwhile; absent on the last page",
                examples = "0198c8a4-7d0e-7c3b-9f52-6a4b1c2d3e4f",
                maxLength = 100)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String next) {

    public PageView {
        items = List.copyOf(items);
    }

    /** The page that was asked for. */
    public static <T> PageView<T> of(PageRequest request, List<T> items, long total) {
        return of(request, items, total, null);
    }

    /** As {@link #of(PageRequest, List, long)}, with what leads to the page behind it. */
    public static <T> PageView<T> of(PageRequest request, List<T> items, long total, @Nullable String next) {
        return new PageView<>(items, request.page(), request.size(), total, next);
    }
}
