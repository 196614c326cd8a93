package io.asyncjobs.schedule;

import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what is told of the jobs that a test asks for. */
@Singleton
class ToldEvents implements RunListener {

    private final Map<UUID, List<RunEvent>> told = new ConcurrentHashMap<>();

    /** What is told of that job from the first call on, as it grows. */
    List<RunEvent> of(UUID job) {
        return told.computeIfAbsent(job, unused -> new CopyOnWriteArrayList<>());
    }

    @Override
    public void on(List<? extends RunEvent> events) {
        for (RunEvent event : events) {
            List<RunEvent> ofJob = told.get(event.jobId());
            if (ofJob != null) {
                ofJob.add(event);
            }
        }
    }
}
