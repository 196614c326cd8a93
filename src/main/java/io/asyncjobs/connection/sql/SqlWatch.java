package io.asyncjobs.connection.sql;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after one session from a thread of its own: ends it at its deadline, and when its server floods it.
 *
 * <p>The driver bounds the rows of a result, but keeps every notice that a statement raises.
 */
final class SqlWatch {

    private static final long LOOK_MILLIS = 50;
    private static final int MAX_NOTICES = 1000;
    private static final long MAX_NOTICE_CHARS = 4L * 1024 * 1024;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final long deadlineNanoTime;
    private final Runnable atDeadline;
    private final Runnable atFlood;
    private volatile @Nullable Statement statement;

    private SqlWatch(long deadlineNanoTime, Runnable atDeadline, Runnable atFlood) {
        this.deadlineNanoTime = deadlineNanoTime;
        this.atDeadline = atDeadline;
        this.atFlood = atFlood;
    }

    /** At most one of the two is run, once. */
    static SqlWatch start(long deadlineNanoTime, Runnable atDeadline, Runnable atFlood) {
        SqlWatch watch = new SqlWatch(deadlineNanoTime, atDeadline, atFlood);
        Thread.ofVirtual().name("sql-watch").start(watch::look);
        return watch;
    }

    /** What is carried out from now on, or nothing. */
    void over(@Nullable Statement carriedOut) {
        statement = carriedOut;
    }

    void end() {
        ended.countDown();
    }

    private void look() {
        try {
            while (!ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (System.nanoTime() - deadlineNanoTime >= 0) {
                    atDeadline.run();
                    return;
                }
                Statement watched = statement;
                if (watched != null && isFlooded(watched)) {
                    atFlood.run();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isFlooded(Statement statement) {
        try {
            int notices = 0;
            long chars = 0;
            for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
                String message = notice.getMessage();
                chars += message == null ? 0 : message.length();
                if (++notices > MAX_NOTICES || chars > MAX_NOTICE_CHARS) {
                    return true;
                }
            }
            return false;
        } catch (SQLException e) {
            // It was closed just now
            return false;
        }
    }
}
