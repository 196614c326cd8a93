package io.asyncjobs.script.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.graalvm.polyglot.Source;
import org.jspecify.annotations.Nullable;

/**
 * What scripts can name besides the language and the contract: rooms of our own and libraries, see {@code platform.js}. A
 * source is read when the first script of a worker asks for it, and parsed once.
 */
final class Platform {

    /** The name of all its sources: what runs in them is not the script's. */
    static final String NAME = "platform";

    private static final Set<String> GLOBALS = Set.of(
            "URL",
            "URLSearchParams",
            "TextEncoder",
            "TextDecoder",
            "atob",
            "btoa",
            "charset",
            "structuredClone",
            "DOMException",
            "Event",
            "EventTarget",
            "AbortController",
            "AbortSignal",
            "setTimeout",
            "clearTimeout",
            "setInterval",
            "clearInterval",
            "queueMicrotask",
            "performance",
            "crypto",
            "CryptoKey",
            "Temporal",
            "Decimal",
            "xml",
            "csv",
            "hl7");

    /** Methods of what the language has, by what they are laid out with. */
    private static final Map<String, Set<String>> METHODS = Map.of(
            "bytes", Set.of("fromBase64", "toBase64", "setFromBase64", "fromHex", "toHex", "setFromHex"),
            "instant", Set.of("toTemporalInstant"),
            "console",
                    Set.of(
                            "table",
                            "dir",
                            "assert",
                            "time",
                            "timeLog",
                            "timeEnd",
                            "count",
                            "countReset",
                            "group",
                            "groupCollapsed",
                            "groupEnd"));

    /** With these a script can reach globals that its text does not name. */
    private static final Set<String> REACH_ALL = Set.of("globalThis", "eval", "Function", "constructor");

    private static final String ANY = "this";

    private final Map<String, Source> sources = new ConcurrentHashMap<>();

    /**
     * What of the platform a script's text may name, as a list in JSON; null for nothing. Also what only a comment or a string
     * names is found, which costs no more than a getter.
     */
    static @Nullable String namesIn(String text, boolean strict) {
        Set<String> words = words(text);
        Set<String> found = new TreeSet<>();
        if (words.stream().anyMatch(REACH_ALL::contains) || !strict && words.contains(ANY) || text.contains("\\u")) {
            found.addAll(GLOBALS);
        } else {
            words.stream().filter(GLOBALS::contains).forEach(found::add);
        }
        METHODS.forEach((room, methods) -> {
            if ((!room.equals("console") || words.contains(room))
                    && methods.stream().anyMatch(words::contains)) {
                found.add(room);
            }
        });
        if (found.contains("Temporal") && words.contains("Intl")) {
            // Temporal extends the formats of Intl, also those that are made before it is named
            found.add("instant");
        }
        return found.isEmpty() ? null : quoted(found);
    }

    private static String quoted(Collection<String> names) {
        return names.stream().collect(Collectors.joining("\",\"", "[\"", "\"]"));
    }

    private static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        int start = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean inside = i < text.length() && Character.isJavaIdentifierPart(text.charAt(i));
            if (inside && start < 0) {
                start = i;
            } else if (!inside && start >= 0) {
                words.add(text.substring(start, i));
                start = -1;
            }
        }
        return words;
    }

    /** Whether there is such a global. */
    static boolean has(String name) {
        return GLOBALS.contains(name);
    }

    /** A file of our own, a function of what {@code bootstrap.js} gives it. */
    Source room(String name) {
        return sources.computeIfAbsent(name, room -> source(text("platform/" + room + ".js")));
    }

    /** A library inside a function that gives it what a module of CommonJS expects. */
    Source library(String path) {
        return sources.computeIfAbsent(
                path,
                file -> source(
                        "(function (module, exports, require, globalThis) {" + text("libraries/" + file) + "\n})"));
    }

    private static Source source(String text) {
        return Source.newBuilder("js", text, NAME).internal(true).buildLiteral();
    }

    private static String text(String file) {
        try (@Nullable InputStream in = Platform.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalArgumentException("no such part of the platform: " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
