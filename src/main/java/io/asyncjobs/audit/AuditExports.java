package io.asyncjobs.audit;

import io.asyncjobs.platform.problem.UnavailableException;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Exports of the trail, a few at a time. Each holds a thread and a batch of events; while its reader is slow it waits, with
 * nothing held in the database. One whose reader takes nothing for long is ended, so that a few such readers do not keep
 * everybody else from exporting.
 */
@Singleton
class AuditExports {

    static final int AT_ONCE = 4;

    private static final Duration STALLED = Duration.ofMinutes(2);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    /** Written at a time, so that little is on its way to a slow reader. */
    private static final int PIECE = 8 * 1024;

    private final AuditHistory history;
    private final Semaphore places = new Semaphore(AT_ONCE);

    AuditExports(AuditHistory history) {
        this.history = history;
    }

    /**
     * Takes a place for an export, until it is written or its request has ended.
     *
     * @throws UnavailableException when every place is taken
     */
    Export begin(AuditFilter filter, RoutingContext request) {
        if (!places.tryAcquire()) {
            throw new UnavailableException(
                    "%d exports of the audit trail are being read from this node already; try again in a moment."
                            .formatted(AT_ONCE));
        }
        Export export = new Export(filter, request);
        // Whatever comes between here and the first byte, the place is free again
        request.addEndHandler(ended -> export.leave());
        return export;
    }

    /** One export, which has a place. */
    final class Export {

        private final AuditFilter filter;
        private final RoutingContext request;
        private final AtomicBoolean left = new AtomicBoolean();
        private volatile boolean writing;
        private volatile long moved = System.nanoTime();

        private Export(AuditFilter filter, RoutingContext request) {
            this.filter = filter;
            this.request = request;
        }

        /** Writes it, as fast as it is read. */
        void write(OutputStream out) throws IOException {
            writing = true;
            Thread watch = Thread.ofVirtual().name("audit-export-watch").start(this::watch);
            try {
                history.read(filter, events -> write(events, out));
            } finally {
                watch.interrupt();
                writing = false;
                leave();
            }
        }

        private boolean write(Iterator<LinkedEvent> events, OutputStream out) throws IOException {
            Writer lines = new OutputStreamWriter(new Pieces(out), StandardCharsets.UTF_8);
            while (events.hasNext()) {
                ExportLine.write(events.next(), lines);
                lines.write('\n');
            }
            lines.flush();
            return true;
        }

        private void leave() {
            // The thread that writes holds what it holds until it has noticed that nobody reads
            if (!writing && left.compareAndSet(false, true)) {
                places.release();
            }
        }

        private void watch() {
            try {
                while (System.nanoTime() - moved < STALLED.toNanos()) {
                    Thread.sleep(LOOK_EVERY);
                }
                var unused = request.request().connection().close();
            } catch (InterruptedException e) {
                // It is written
                Thread.currentThread().interrupt();
            }
        }

        /** Small pieces, each noted when it is on its way. */
        private final class Pieces extends FilterOutputStream {

            private Pieces(OutputStream out) {
                super(out);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (int done = 0; done < length; done += PIECE) {
                    out.write(bytes, offset + done, Math.min(PIECE, length - done));
                    moved = System.nanoTime();
                }
            }
        }
    }
}
