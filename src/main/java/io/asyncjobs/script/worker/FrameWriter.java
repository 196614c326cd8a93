package io.asyncjobs.script.worker;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames, in the order in which each thread hands them over. A script may be at the very end of its stack when it
 * logs or calls; its thread only touches a queue then, never the pipe, so an overflow cannot tear a frame. Frames that
 * are waiting go out in one system call.
 */
final class FrameWriter implements Runnable {

    private static final int MAX_WAITING = 1024;

    private final BlockingQueue<Frame> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    /** Counted before a frame waits, until it is in the pipe. */
    private final AtomicInteger unwritten = new AtomicInteger();

    private final ReentrantLock pipe = new ReentrantLock();
    private final OutputStream out;

    FrameWriter(OutputStream out) {
        this.out = new BufferedOutputStream(out, 64 * 1024);
    }

    /** Hands a frame over; waits while the node does not keep up, and gives up when the thread is interrupted. */
    void write(Frame frame) {
        unwritten.incrementAndGet();
        try {
            waiting.put(frame);
        } catch (InterruptedException e) {
            unwritten.decrementAndGet();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /**
     * For what must reach the node even from an interrupted thread. Writes it at once, without waking another thread,
     * when nothing else waits; so not to be called from within a script.
     */
    void writeUninterruptibly(Frame frame) {
        if (!writeHere(frame)) {
            unwritten.incrementAndGet();
            boolean interrupted = false;
            while (true) {
                try {
                    waiting.put(frame);
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean writeHere(Frame frame) {
        if (!pipe.tryLock()) {
            return false;
        }
        try {
            if (unwritten.get() > 0) {
                return false;
            }
            frame.writeTo(out);
            out.flush();
            return true;
        } catch (IOException e) {
            throw nodeIsGone();
        } finally {
            pipe.unlock();
        }
    }

    @Override
    public void run() {
        try {
            while (true) {
                Frame first = waiting.take();
                pipe.lock();
                try {
                    int written = 0;
                    for (@Nullable Frame next = first; next != null; next = waiting.poll()) {
                        next.writeTo(out);
                        written++;
                    }
                    out.flush();
                    unwritten.addAndGet(-written);
                } finally {
                    pipe.unlock();
                }
            }
        } catch (IOException | InterruptedException e) {
            throw nodeIsGone();
        }
    }

    private static IllegalStateException nodeIsGone() {
        Runtime.getRuntime().halt(0);
        return new IllegalStateException("halted");
    }
}
