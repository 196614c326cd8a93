package io.asyncjobs.platform.http;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

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
        long total) {

    public PageView {
        items = List.copyOf(items);
    }

    /** The page that was asked for. */
    public static <T> PageView<T> of(PageRequest request, List<T> items, long total) {
        return new PageView<>(items, request.page(), request.size(), total);
    }
}
