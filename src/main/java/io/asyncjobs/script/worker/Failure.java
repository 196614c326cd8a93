package io.asyncjobs.script.worker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * Why a run did not succeed, as its author is told.
 *
 * @param line the script's own line, from 1; 0 where it is not known
 * @param column the script's own column, from 1; 0 where it is not known
 * @param stack the script's own frames, one a line, and those of the errors behind this one
 */
record Failure(
        String message, int line, int column, @Nullable String stack) {

    private static final String STACK = "\f";
    private static final int MAX_MESSAGE_CHARS = 8 * 1024;
    private static final int MAX_FRAMES = 32;
    private static final Pattern NOT_DEFINED = Pattern.compile("ReferenceError: (\\w+) is not defined");
    private static final Pattern PLACE = Pattern.compile("\\d{1,7}:\\d{1,7}");
    /** A caller that awaits, as the engine writes it: it is in the text of a stack only. */
    private static final Pattern ASYNC_FRAME =
            Pattern.compile("^ +at async (?:(.*) \\()?([^()]*):(\\d+):(\\d+)\\)?$", Pattern.MULTILINE);

    /** One frame of the script. */
    private record Frame(String text, int line, int column) {}

    static Failure of(String message) {
        return new Failure(cut(message), 0, 0, null);
    }

    /** @param place {@code line:column}, or empty where it is not known */
    static Failure at(String message, String place) {
        int colon = place.indexOf(':');
        // The script can reach what is noted, and put anything there
        return !PLACE.matcher(place).matches()
                ? of(message)
                : new Failure(
                        cut(message),
                        Integer.parseInt(place.substring(0, colon)),
                        Integer.parseInt(place.substring(colon + 1)),
                        "at script:" + place);
    }

    /** What an exception of the engine says, where it stopped. */
    static Failure of(PolyglotException e, Script script) {
        List<Frame> frames = new ArrayList<>();
        SourceSection section = e.getSourceLocation();
        if (e.isCancelled() && section != null && script.owns(section.getSource())) {
            // In a loop the frame does not know its place, only the block that it is in
            int line = section.getStartLine();
            int column = script.column(line, section.getStartColumn());
            if (column >= 1) {
                add(frames, new Script.Problem(line, column, ""), null);
            }
        }
        frames(e, null, Set.of(), script).stream()
                .filter(frame -> frames.isEmpty() || frame.line != frames.getFirst().line)
                .forEach(frames::add);
        if (e.isCancelled() && frames.isEmpty()) {
            // Compiled code may know its function and not its place, or neither
            String function = StreamSupport.stream(e.getPolyglotStackTrace().spliterator(), false)
                    .filter(PolyglotException.StackFrame::isGuestFrame)
                    .map(PolyglotException.StackFrame::getRootName)
                    .findFirst()
                    .orElse(null);
            Script.Problem loop = script.onlyLoop(function);
            if (loop != null) {
                add(frames, loop, function);
            }
        }
        return of(String.valueOf(e.getMessage()), frames, "");
    }

    /**
     * What a script threw.
     *
     * @param told the names of the error's classes, one a line, then a form feed and the text of its stack
     * @param related a word, a value and what is told of it, for each error behind this one
     * @param place where a value that is no error was thrown, as {@link #at} takes it
     */
    static Failure of(Value reason, String message, String told, Value related, String place, Script script) {
        List<Frame> frames = frames(reason, told, script);
        StringBuilder behind = new StringBuilder();
        for (long i = 0; i < related.getArraySize(); i++) {
            Value pair = related.getArrayElement(i);
            List<Frame> others =
                    frames(pair.getArrayElement(1), pair.getArrayElement(2).asString(), script);
            if (!others.isEmpty()) {
                behind.append('\n')
                        .append(pair.getArrayElement(0).asString())
                        .append(":\n")
                        .append(text(others));
            }
            if (frames.isEmpty() && place.isEmpty()) {
                // An aggregate is made where no script is at work
                frames = others;
            }
        }
        if (frames.isEmpty()) {
            return at(message, place);
        }
        return of(message, frames, behind.toString());
    }

    /** The same place with other words. */
    Failure saying(String other) {
        return new Failure(cut(other), line, column, stack);
    }

    /** The frames of an error, one a line; null when the value is none or has none. */
    static @Nullable String trace(Value error, String told, Script script) {
        List<Frame> frames = frames(error, told, script);
        return frames.isEmpty() ? null : text(frames);
    }

    private static Failure of(String message, List<Frame> frames, String behind) {
        Matcher undefined = NOT_DEFINED.matcher(message);
        String instead = undefined.matches() ? Syntax.instead(undefined.group(1)) : null;
        String whole = cut(instead == null ? message : message + ": " + instead);
        Frame first = frames.isEmpty() ? null : frames.getFirst();
        String stack = text(frames) + behind;
        return new Failure(
                whole,
                first == null ? 0 : first.line,
                first == null ? 0 : first.column,
                stack.isEmpty() ? null : stack);
    }

    private static List<Frame> frames(Value error, String told, Script script) {
        PolyglotException e = exception(error);
        if (e == null) {
            return List.of();
        }
        // The names of its classes, then the text of its stack, which has more callers
        int end = Math.max(told.indexOf(STACK), 0);
        return frames(
                e,
                told.substring(end),
                new HashSet<>(List.of(told.substring(0, end).split("\n"))),
                script);
    }

    private static List<Frame> frames(PolyglotException e, @Nullable String stack, Set<String> classes, Script script) {
        List<Frame> frames = new ArrayList<>();
        Set<String> places = new HashSet<>();
        boolean constructing = true;
        for (PolyglotException.StackFrame guest : e.getPolyglotStackTrace()) {
            SourceSection section = guest.isGuestFrame() ? guest.getSourceLocation() : null;
            if (section == null && guest.isGuestFrame() && frames.isEmpty()) {
                Script.Problem refused = script.refusedAt(String.valueOf(e.getMessage()));
                if (refused != null) {
                    add(frames, refused, guest.getRootName());
                }
            }
            if (section == null || section.getSource().isInternal()) {
                continue;
            }
            String name = guest.getRootName();
            // Where an error's own class made it says nothing: what is wanted is who asked for it
            constructing = constructing && name != null && classes.contains(name);
            boolean own = script.owns(section.getSource());
            int line = section.getStartLine();
            int column = own ? script.column(line, section.getStartColumn()) : section.getStartColumn();
            if (constructing || column < 1) {
                continue;
            }
            String place = (own ? Script.NAME : section.getSource().getName()) + ":" + line + ":" + column;
            if (frames.size() < MAX_FRAMES) {
                places.add(place);
                frames.add(new Frame(at("at ", name, place), own ? line : 0, own ? column : 0));
            }
        }
        if (stack != null) {
            addAsync(frames, stack, places, script);
        }
        // The first that is the script's own gives the place; what was made by eval before it has none
        for (int i = 0; i < frames.size() && frames.getFirst().line == 0; i++) {
            if (frames.get(i).line > 0) {
                frames.set(0, new Frame(frames.getFirst().text, frames.get(i).line, frames.get(i).column));
            }
        }
        return frames;
    }

    private static void add(List<Frame> frames, Script.Problem at, @Nullable String name) {
        String place = Script.NAME + ":" + at.line() + ":" + at.column();
        frames.add(new Frame(at("at ", name, place), at.line(), at.column()));
    }

    private static void addAsync(List<Frame> frames, String stack, Set<String> places, Script script) {
        Matcher caller = ASYNC_FRAME.matcher(stack);
        while (frames.size() < MAX_FRAMES && caller.find()) {
            if (caller.group(2).equals("bootstrap")
                    || caller.group(2).equals(Platform.NAME)
                    || caller.group(3).length() > 7
                    || caller.group(4).length() > 7) {
                continue;
            }
            int line = Integer.parseInt(caller.group(3));
            int column = script.column(line, Integer.parseInt(caller.group(4)));
            String place = Script.NAME + ":" + line + ":" + column;
            if (column >= 1 && places.add(place)) {
                frames.add(new Frame(at("at async ", caller.group(1), place), line, column));
            }
        }
    }

    private static String at(String word, @Nullable String name, String place) {
        boolean nameless = name == null || name.isEmpty() || name.startsWith(":") || Script.NAME.equals(name);
        return word + (nameless ? place : cut(String.valueOf(name)) + " (" + place + ")");
    }

    private static String text(List<Frame> frames) {
        return String.join("\n", frames.stream().map(Frame::text).toList());
    }

    static @Nullable PolyglotException exception(Value value) {
        if (!value.isException()) {
            return null;
        }
        try {
            throw value.throwException();
        } catch (PolyglotException e) {
            return e;
        }
    }

    static String cut(String text) {
        return text.length() <= MAX_MESSAGE_CHARS ? text : text.substring(0, MAX_MESSAGE_CHARS) + "…";
    }
}
