package io.asyncjobs.run.host;

import io.asyncjobs.script.HostCallException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The job's state as one run sees it: read at the first use, writes kept back until the run has succeeded. Thread-safe.
 *
 * <p>Values are JSON text. The size that is bounded is the characters of all keys and values.
 */
public final class RunState {

    private static final int MAX_KEY_CHARS = 500;

    private final Supplier<Map<String, String>> stored;
    private final int maxChars;
    private final RunMemory memory;
    private @Nullable TreeMap<String, String> values;
    /** Guarded by itself: whoever records ends must not wait for a read of the state, nor for room for it. */
    private final Map<String, @Nullable String> changes = new LinkedHashMap<>();

    private long chars;

    /** {@code maxChars} bounds what the run may make of it. */
    public RunState(Supplier<Map<String, String>> stored, int maxChars, RunMemory memory) {
        this.stored = stored;
        this.memory = memory;
        this.maxChars = maxChars;
    }

    /** Whether the text can name a value. */
    public static boolean isKey(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_KEY_CHARS
                && text.indexOf('\0') < 0
                && !text.equals(".")
                && !text.equals("..");
    }

    synchronized @Nullable String get(String key) {
        return values().get(key);
    }

    synchronized List<String> keys() {
        return List.copyOf(values().keySet());
    }

    /** Throws {@link HostCallException} when the key or what the state would become is too large. */
    public synchronized void set(String key, String json) {
        if (!isKey(key)) {
            throw new HostCallException(
                    "A state key must have 1 to %d characters, none of them NUL, and must not be a dot or two, which no address can hold"
                            .formatted(MAX_KEY_CHARS));
        }
        String before = values().get(key);
        long would = chars + json.length() + (before == null ? key.length() : -before.length());
        if (would > maxChars) {
            throw new HostCallException(
                    "The state of this job may have at most %d characters; with '%s' it would have %d"
                            .formatted(maxChars, key, would));
        }
        if (!json.equals(before)) {
            if (would > chars) {
                memory.note("the state", RunMemory.BYTES_OF_A_CHAR * (would - chars));
            } else {
                memory.forget(RunMemory.BYTES_OF_A_CHAR * (chars - would));
            }
            values().put(key, json);
            change(key, json);
            chars = would;
        }
    }

    /** True if there was such a key. */
    synchronized boolean delete(String key) {
        String before = values().remove(key);
        if (before == null) {
            return false;
        }
        change(key, null);
        chars -= key.length() + before.length();
        memory.forget((long) RunMemory.BYTES_OF_A_CHAR * before.length());
        return true;
    }

    /** These changes are stored; those that the script made since stay. */
    void stored(Map<String, @Nullable String> written) {
        synchronized (changes) {
            written.forEach((key, value) -> {
                if (changes.containsKey(key) && Objects.equals(changes.get(key), value)) {
                    changes.remove(key);
                }
            });
        }
    }

    /** What the run wrote and is not stored yet, by key; null stands for a deletion. */
    public Map<String, @Nullable String> changes() {
        synchronized (changes) {
            return new LinkedHashMap<>(changes);
        }
    }

    private void change(String key, @Nullable String json) {
        synchronized (changes) {
            changes.put(key, json);
        }
    }

    private TreeMap<String, String> values() {
        TreeMap<String, String> known = values;
        if (known == null) {
            known = new TreeMap<>(stored.get());
            values = known;
            known.forEach((key, value) -> chars += key.length() + value.length());
            memory.count(RunMemory.BYTES_OF_A_CHAR * chars);
        }
        return known;
    }
}
