package io.asyncjobs.dashboard.shell;

import io.asyncjobs.platform.http.PageView;

/**
 * A list on a page: where it is, how it is filtered and sorted, and which part of it is shown.
 *
 * @param address with the filter, the order and the size, without the page
 * @param sort the field sorted by, with a minus before it for the other direction
 */
public record ListQuery(Address address, String sort, int page, int size, long total) {

    public static ListQuery of(Address address, String sort, PageView<?> shown) {
        return new ListQuery(address, sort, shown.page(), shown.size(), shown.total());
    }

    /** Sorted by that field, the other way round if it is already. */
    public String sortedBy(String field) {
        return address.with("sort", sort.equals(field) ? "-" + field : field).toString();
    }

    /** For {@code aria-sort}. */
    public String direction(String field) {
        return sort.equals(field) ? "ascending" : sort.equals("-" + field) ? "descending" : "none";
    }

    public boolean hasPrevious() {
        return page > 0;
    }

    public boolean hasNext() {
        return (page + 1L) * size < total;
    }

    public String previous() {
        return address.with("page", page == 1 ? null : page - 1).toString();
    }

    public String next() {
        return address.with("page", page + 1).toString();
    }

    /** The number of the first row shown, from 1; 0 when there is none. */
    public long first() {
        return total == 0 ? 0 : Math.min(total, (long) page * size + 1);
    }

    public long last() {
        return Math.min(total, (page + 1L) * size);
    }
}
