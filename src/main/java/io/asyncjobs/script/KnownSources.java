package io.asyncjobs.script;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sources that a worker keeps: a text is sent once, then only its key. Not thread-safe. */
final class KnownSources {

    private static final int MAX_SOURCES = 512;
    private static final long MAX_CHARS = 4L * 1024 * 1024;
    /** One text may run in both modes, while an older job still has it in sloppy mode. */
    private static final String SLOPPY = " sloppy";

    /** @param text null if the worker has it */
    record Named(String key, @Nullable String text) {}

    private final Consumer<String> forget;
    /** Lengths by key; the least recently used first. */
    private final LinkedHashMap<String, Integer> lengths = new LinkedHashMap<>(16, 0.75f, true);

    private long chars;

    /** @param forget tells the worker to drop the text of a key */
    KnownSources(Consumer<String> forget) {
        this.forget = forget;
    }

    /** What to send for a run of that source. */
    Named name(ScriptSource source, boolean strict) {
        String key = strict ? source.sha256() : source.sha256() + SLOPPY;
        if (lengths.get(key) != null) {
            return new Named(key, null);
        }
        int length = source.text().length();
        makeRoomFor(length);
        lengths.put(key, length);
        chars += length;
        return new Named(key, source.text());
    }

    private void makeRoomFor(int length) {
        Iterator<Map.Entry<String, Integer>> oldest = lengths.entrySet().iterator();
        while (oldest.hasNext() && (lengths.size() >= MAX_SOURCES || chars + length > MAX_CHARS)) {
            Map.Entry<String, Integer> source = oldest.next();
            chars -= source.getValue();
            forget.accept(source.getKey());
            oldest.remove();
        }
    }
}
