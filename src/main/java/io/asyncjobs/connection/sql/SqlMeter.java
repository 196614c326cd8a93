package io.asyncjobs.connection.sql;

import io.asyncjobs.platform.memory.ByteBudget;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.PGStream;
import org.postgresql.core.QueryExecutorBase;
import org.postgresql.jdbc.PgConnection;

/**
 * Counts what a database sends over one session, and ends the session where an answer is larger than its bound.
 *
 * <p>The driver bounds the rows of a result, but for an error, a notice or a setting it makes a buffer of whatever length
 * the server announces: 512 MB for the 400 MB of {@code raise exception} or of a failed cast, before they are read. So the
 * messages are looked at between the socket (above TLS) and the driver.
 */
final class SqlMeter {

    /** What comes outside of a script's statement, and any one message that is no row. */
    private static final int USUAL_BYTES = 1024 * 1024;

    /** What a byte of an answer costs until it is on its way to the worker. */
    private static final int WEIGHT = 4;

    /** Room is asked for in steps. */
    private static final int STEP_BYTES = 64 * 1024;

    private static final int HEADER_BYTES = 5;
    private static final Field STREAM = stream();

    // One thread reads at a time; others only look whether it was too much
    private long left = USUAL_BYTES;
    private long paid;
    private ByteBudget.@Nullable Hold memory;
    private long deadlineNanoTime;
    private volatile boolean exceeded;

    /** What is read over that connection from now on is counted; it must be at rest. */
    static SqlMeter of(PgConnection connection) throws SQLException {
        SqlMeter meter = new SqlMeter();
        try {
            PGStream stream = (PGStream) STREAM.get(connection.getQueryExecutor());
            stream.changeSocket(new CountedSocket(stream.getSocket(), meter));
            return meter;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("Was made accessible", e);
        } catch (IOException e) {
            throw new SQLException("The connection broke off", "08006", e);
        }
    }

    /** The driver has no hook above TLS; should it lose this field, nothing over SQL works, and every test of it fails. */
    private static Field stream() {
        try {
            Field stream = QueryExecutorBase.class.getDeclaredField("pgStream");
            stream.setAccessible(true);
            return stream;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("Another driver than this was made for", e);
        }
    }

    /** From now on an answer may have so many bytes, for which that is asked for room. */
    void begin(long maxBytes, ByteBudget.@Nullable Hold room, long deadline) {
        left = maxBytes;
        paid = 0;
        memory = room;
        deadlineNanoTime = deadline;
    }

    void end() {
        begin(USUAL_BYTES, null, 0);
    }

    /** Whether the session has ended because an answer was too large. */
    boolean isExceeded() {
        return exceeded;
    }

    private void count(int bytes) throws IOException {
        left -= bytes;
        if (left < 0) {
            throw tooLarge();
        }
        paid -= bytes;
        ByteBudget.Hold room = memory;
        if (paid < 0 && room != null) {
            try {
                if (!room.take((long) WEIGHT * STEP_BYTES, deadlineNanoTime)) {
                    throw new IOException("There was no room for the answer in time");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException();
            }
            paid += STEP_BYTES;
        }
    }

    /** A message begins; its bytes are still to come. */
    private void message(byte type, long bytes) throws IOException {
        if (bytes > (type == 'D' ? left : USUAL_BYTES)) {
            throw tooLarge();
        }
    }

    private IOException tooLarge() {
        exceeded = true;
        return new IOException("The answer is too large");
    }

    /** Follows the protocol's framing: a type, the length of what follows with itself, what follows. */
    private final class Counted extends FilterInputStream {

        private final byte[] header = new byte[HEADER_BYTES];
        private int headerBytes;
        private long payload;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int read = super.read(bytes, from, length);
            if (read > 0) {
                count(read);
                follow(bytes, from, from + read);
            }
            return read;
        }

        private void follow(byte[] bytes, int from, int end) throws IOException {
            int at = from;
            while (at < end) {
                if (payload > 0) {
                    long skipped = Math.min(payload, end - at);
                    payload -= skipped;
                    at += (int) skipped;
                    continue;
                }
                header[headerBytes++] = bytes[at++];
                if (headerBytes == HEADER_BYTES) {
                    headerBytes = 0;
                    payload = ((header[1] & 0xffL) << 24
                                    | (header[2] & 0xffL) << 16
                                    | (header[3] & 0xffL) << 8
                                    | (header[4] & 0xffL))
                            - (HEADER_BYTES - 1);
                    message(header[0], payload);
                }
            }
        }
    }

    /** The socket under it with a stream that is counted. */
    private static final class CountedSocket extends Socket {

        private final Socket socket;
        private final SqlMeter meter;

        CountedSocket(Socket socket, SqlMeter meter) {
            this.socket = socket;
            this.meter = meter;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return meter.new Counted(socket.getInputStream());
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return socket.getOutputStream();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }

        @Override
        public boolean isClosed() {
            return socket.isClosed();
        }

        @Override
        public boolean isConnected() {
            return socket.isConnected();
        }

        @Override
        public InetAddress getInetAddress() {
            return socket.getInetAddress();
        }

        @Override
        public int getPort() {
            return socket.getPort();
        }

        @Override
        public void setSoTimeout(int millis) throws SocketException {
            socket.setSoTimeout(millis);
        }

        @Override
        public int getSoTimeout() throws SocketException {
            return socket.getSoTimeout();
        }

        @Override
        public void setTcpNoDelay(boolean on) throws SocketException {
            socket.setTcpNoDelay(on);
        }

        @Override
        public boolean getTcpNoDelay() throws SocketException {
            return socket.getTcpNoDelay();
        }

        @Override
        public void setKeepAlive(boolean on) throws SocketException {
            socket.setKeepAlive(on);
        }

        @Override
        public boolean getKeepAlive() throws SocketException {
            return socket.getKeepAlive();
        }

        @Override
        public int getSendBufferSize() throws SocketException {
            return socket.getSendBufferSize();
        }

        @Override
        public int getReceiveBufferSize() throws SocketException {
            return socket.getReceiveBufferSize();
        }
    }
}
