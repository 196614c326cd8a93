package io.asyncjobs.platform.json;

/** Hears where each value of a JSON text begins. */
@FunctionalInterface
public interface PlaceListener {

    /**
     * A value was found.
     *
     * @param path as in {@link Paths}; empty for the outermost value
     * @param line from 1
     * @param column from 1
     */
    void found(String path, int line, int column);
}
