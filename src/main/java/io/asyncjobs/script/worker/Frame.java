package io.asyncjobs.script.worker;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message between node and worker as bytes: length (4 bytes, of what follows), type (1), task (8), then the fields of
 * {@link ToWorker} or {@link FromWorker}. Texts are UTF-8 with their length in front, −1 for none. A frame is built complete
 * in memory and written in one piece, so a writer that fails leaves no half frame behind.
 */
public final class Frame {

    /** No frame is longer; a longer one is malformed, so a broken peer cannot make this side allocate without bound. */
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    /** A longer {@link ToWorker.Reply} is acknowledged. */
    private static final int ACKNOWLEDGED_BYTES = 64 * 1024;

    private static final int HEADER_BYTES = 4 + 1 + 8;
    private static final int LARGE_TEXT_BYTES = 64 * 1024;

    private final byte[] bytes;
    private int position;

    private Frame(byte[] bytes) {
        this.bytes = bytes;
        this.position = HEADER_BYTES;
    }

    static Builder of(FrameType type, long task) {
        return new Builder(type, task);
    }

    /** Reads the next frame; {@code null} when the stream ended between two frames. */
    public static @Nullable Frame read(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedByte() << 8 | in.readUnsignedByte();
        if (length < HEADER_BYTES - 4 || length > MAX_BYTES) {
            throw new MalformedFrameException("frame of " + length + " bytes");
        }
        byte[] bytes = new byte[4 + length];
        in.readFully(bytes, 4, length);
        return new Frame(bytes);
    }

    /** A stream that {@link #read} can take frames from. */
    public static DataInputStream input(InputStream in) {
        return new DataInputStream(new BufferedInputStream(in, 32 * 1024));
    }

    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    public int size() {
        return bytes.length;
    }

    /** Whether the worker says with {@link FromWorker.Taken} that the script has the reply in this frame. */
    public boolean isAcknowledged() {
        return bytes.length > ACKNOWLEDGED_BYTES;
    }

    FrameType type() throws MalformedFrameException {
        return FrameType.of(bytes[4]);
    }

    long task() {
        return longAt(5);
    }

    boolean takeBoolean() throws IOException {
        return takeByte() != 0;
    }

    byte takeByte() throws IOException {
        need(1);
        return bytes[position++];
    }

    int takeInt() throws IOException {
        need(4);
        int value = intAt(position);
        position += 4;
        return value;
    }

    long takeLong() throws IOException {
        need(8);
        long value = longAt(position);
        position += 8;
        return value;
    }

    String takeText() throws IOException {
        String text = takeNullableText();
        if (text == null) {
            throw new MalformedFrameException("a text is missing");
        }
        return text;
    }

    @Nullable
    String takeNullableText() throws IOException {
        int length = takeInt();
        if (length == -1) {
            return null;
        }
        if (length < 0) {
            throw new MalformedFrameException("text of " + length + " bytes");
        }
        need(length);
        String text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    private void need(int count) throws IOException {
        if (count > bytes.length - position) {
            throw new EOFException("frame ends early");
        }
    }

    private int intAt(int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | (bytes[at + 3] & 0xff);
    }

    private long longAt(int at) {
        return (long) intAt(at) << 32 | (intAt(at + 4) & 0xffff_ffffL);
    }

    /** Lays out one frame. */
    static final class Builder {

        private byte[] bytes = new byte[128];
        private int length = 4;

        private Builder(FrameType type, long task) {
            put(type.code()).put(task);
        }

        Builder put(boolean value) {
            return put((byte) (value ? 1 : 0));
        }

        Builder put(byte value) {
            room(1);
            bytes[length++] = value;
            return this;
        }

        Builder put(int value) {
            room(4);
            intTo(length, value);
            length += 4;
            return this;
        }

        Builder put(long value) {
            return put((int) (value >>> 32)).put((int) value);
        }

        Builder put(@Nullable String text) {
            if (text == null) {
                return put(-1);
            }
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            put(encoded.length);
            if (encoded.length > LARGE_TEXT_BYTES && bytes.length - length < encoded.length) {
                // Exactly: a large text seldom comes with another one
                bytes = Arrays.copyOf(bytes, length + encoded.length);
            }
            room(encoded.length);
            System.arraycopy(encoded, 0, bytes, length, encoded.length);
            length += encoded.length;
            return this;
        }

        /** @throws IllegalStateException when it grew past {@link Frame#MAX_BYTES} */
        Frame build() {
            if (length - 4 > MAX_BYTES) {
                throw new IllegalStateException("frame of " + length + " bytes");
            }
            intTo(0, length - 4);
            return new Frame(bytes.length == length ? bytes : Arrays.copyOf(bytes, length));
        }

        private void intTo(int at, int value) {
            bytes[at] = (byte) (value >>> 24);
            bytes[at + 1] = (byte) (value >>> 16);
            bytes[at + 2] = (byte) (value >>> 8);
            bytes[at + 3] = (byte) value;
        }

        private void room(int count) {
            if (count > bytes.length - length) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
            }
        }
    }
}
