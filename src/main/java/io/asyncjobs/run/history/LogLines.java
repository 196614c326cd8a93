package io.asyncjobs.run.history;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one run's log, read a piece at a time: whoever reads slowly holds a piece of the log, and between two pieces
 * neither a connection nor a snapshot of the database. For one thread at a time.
 */
final class LogLines {

    /** In characters; what a reader holds of a log at most, beside one line. */
    private static final int PIECE = 32 * 1024;

    /** A line, and its place: the number of its chunk, and of the line in that. */
    record Line(int chunk, int number, JsonNode content) {}

    private final RunHistory history;
    private final ObjectMapper json;
    private final UUID run;
    private int chunk;
    private int line;
    private int skip;
    /** The length of the chunk when it was read; it is read again only when that has changed. */
    private int bytes = -1;

    private @Nullable JsonParser parser;

    /** From that line of that chunk on. */
    LogLines(RunHistory history, ObjectMapper json, UUID run, int chunk, int line) {
        this.history = history;
        this.json = json;
        this.run = run;
        this.chunk = chunk;
        this.skip = line;
    }

    /** The next line; null where no more are on record yet, and then it may be asked again later. */
    @Nullable
    Line next() {
        try {
            while (parser != null || openNext()) {
                Line found = read(parser);
                if (found != null) {
                    return found;
                }
                parser = null;
                // If the chunk grows, what follows is new
                skip = Math.max(skip, line);
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("A stored log cannot be read", e);
        }
    }

    private boolean openNext() throws IOException {
        Optional<RunHistory.LogChunk> next = history.nextChunk(run, chunk, bytes);
        if (next.isEmpty()) {
            return false;
        }
        if (next.get().number() != chunk) {
            skip = 0;
        }
        chunk = next.get().number();
        bytes = next.get().bytes();
        line = 0;
        parser = json.getFactory().createParser(new Pieces(chunk));
        parser.nextToken();
        return true;
    }

    private @Nullable Line read(@Nullable JsonParser from) throws IOException {
        while (from != null && from.nextToken() == JsonToken.START_OBJECT) {
            if (line < skip) {
                from.skipChildren();
                line++;
            } else {
                return new Line(chunk, line++, json.readTree(from));
            }
        }
        return null;
    }

    /** The JSON of a chunk, fetched as it is read. */
    private final class Pieces extends Reader {

        private final int number;
        private String piece = "";
        private int read;
        private int fetched;
        private boolean ended;

        Pieces(int number) {
            this.number = number;
        }

        @Override
        public int read(char[] into, int offset, int length) {
            if (read == piece.length()) {
                fetch();
            }
            int count = Math.min(length, piece.length() - read);
            piece.getChars(read, read + count, into, offset);
            read += count;
            return count == 0 ? -1 : count;
        }

        private void fetch() {
            piece = ended ? "" : history.logPiece(run, number, fetched, PIECE);
            read = 0;
            // The database counts code points
            int characters = piece.codePointCount(0, piece.length());
            fetched += characters;
            ended = characters < PIECE;
        }

        @Override
        public void close() {
            // Nothing is held
        }
    }
}
