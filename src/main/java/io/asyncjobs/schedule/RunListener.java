package io.asyncjobs.schedule;

import java.util.List;

/** A bean that is told what happens to runs on this node. */
public interface RunListener {

    /** Called on the thread that carried the steps out, which others wait for: to be quick, and not to wait. */
    void on(List<? extends RunEvent> events);
}
