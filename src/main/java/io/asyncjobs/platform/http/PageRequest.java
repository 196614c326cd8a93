package io.asyncjobs.platform.http;

import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.ws.rs.QueryParam;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of every list: {@code page}, {@code size}, {@code sort}. Take it as {@code @BeanParam} and call
 * {@link #checked} first; it says everything that is wrong at once.
 */
public class PageRequest {

    /** The largest page. */
    public static final int MAX_SIZE = 500;

    private static final int MAX_PAGE = 1_000_000;
    /** How many a page holds unless asked otherwise. */
    public static final int DEFAULT_SIZE = 50;

    /** What the parameter {@code after} of some lists is for. */
    public static final String AFTER =
            "The next of the page before: the page begins behind it, in the order that is asked for, whatever was added"
                    + " since. It means nothing to anybody else, and stands in for page";

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

    /** A column and a direction; the column is one the resource named, so it is safe in a statement. */
    public record Order(String column, boolean descending) {

        /** For an ORDER BY clause. */
        public String sql() {
            return descending ? column + " desc" : column;
        }
    }

    @QueryParam("page")
    @Parameter(
            description = "Which page, from 0",
            schema = @Schema(implementation = Integer.class, minimum = "0", maximum = "1000000", defaultValue = "0"))
    @Nullable
    String page;

    @QueryParam("size")
    @Parameter(
            description = "How many a page holds",
            schema = @Schema(implementation = Integer.class, minimum = "1", maximum = "500", defaultValue = "50"))
    @Nullable
    String size;

    @QueryParam("sort")
    @Parameter(
            description = "The field to sort by; a minus before it turns the order round",
            schema = @Schema(implementation = String.class, maxLength = 100, pattern = "^-?[A-Za-z]+$"))
    @Nullable
    String sort;

    /** For callers in code. */
    public static PageRequest of(int page, int size, @Nullable String sort) {
        PageRequest request = new PageRequest();
        request.page = Integer.toString(page);
        request.size = Integer.toString(size);
        request.sort = sort;
        return request;
    }

    /**
     * The order asked for.
     *
     * @param columns what may be sorted by: the field's name in JSON to the column or attribute
     * @param otherwise the {@code sort} when none is asked for
     * @throws MalformedException naming each of the three that is wrong
     */
    public Order checked(Map<String, String> columns, String otherwise) {
        return checkedBehind(columns, otherwise, null);
    }

    /**
     * As {@link #checked}, of a list that also has a cursor.
     *
     * @param after where the page is to begin, which leaves no page to be asked for
     */
    public Order checkedBehind(Map<String, String> columns, String otherwise, @Nullable Object after) {
        List<Violation> violations = new ArrayList<>();
        if (after != null && page != null && !page.isEmpty() && !page.equals("0")) {
            violations.add(new Violation("page", "must be left out where after is given"));
        }
        check("page", page, 0, MAX_PAGE, violations);
        check("size", size, 1, MAX_SIZE, violations);
        String asked = sort == null || sort.isEmpty() ? otherwise : sort;
        boolean descending = asked.startsWith("-");
        String column = columns.get(descending ? asked.substring(1) : asked);
        if (column == null) {
            violations.add(new Violation(
                    "sort",
                    "must be one of "
                            + String.join(
                                    ", ", columns.keySet().stream().sorted().toList())
                            + ", with a minus before it for the other direction"));
        }
        if (column == null || !violations.isEmpty()) {
            throw new MalformedException(violations);
        }
        return new Order(column, descending);
    }

    /** Which page, from 0. */
    public int page() {
        return number(page, 0);
    }

    /** How many a page holds. */
    public int size() {
        return number(size, DEFAULT_SIZE);
    }

    /** How many come before the page. */
    public int offset() {
        return page() * size();
    }

    private static int number(@Nullable String text, int absent) {
        return text == null || text.isEmpty() ? absent : Integer.parseInt(text);
    }

    private static void check(String name, @Nullable String text, int least, int most, List<Violation> violations) {
        if (text == null || text.isEmpty()) {
            return;
        }
        if (!DIGITS.matcher(text).matches() || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            violations.add(new Violation(name, "must be a whole number from " + least + " to " + most));
        }
    }
}
