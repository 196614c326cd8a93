package io.asyncjobs.script.worker;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames from one thread of its own. A script thread may be at the very end of its stack when it logs or calls;
 * it only touches a queue then, never the pipe, so an overflow cannot tear a frame. Frames that are waiting go out in
 * one system call.
 */
final class FrameWriter implements Runnable {

    private static final int MAX_WAITING = 1024;

    private final BlockingQueue<Frame> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    private final OutputStream out;

    FrameWriter(OutputStream out) {
        this.out = new BufferedOutputStream(out, 64 * 1024);
    }

    /** Hands a frame over; waits while the node does not keep up, and gives up when the thread is interrupted. */
    void write(Frame frame) {
        try {
            waiting.put(frame);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** For what must reach the node even from an interrupted thread. */
    void writeUninterruptibly(Frame frame) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    waiting.put(frame);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void run() {
        try {
            while (true) {
                waiting.take().writeTo(out);
                for (@Nullable Frame next = waiting.poll(); next != null; next = waiting.poll()) {
                    next.writeTo(out);
                }
                out.flush();
            }
        } catch (IOException | InterruptedException e) {
            // The pipe is gone, and with it the node
            Runtime.getRuntime().halt(0);
        }
    }
}
