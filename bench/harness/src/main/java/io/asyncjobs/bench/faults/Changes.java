package io.asyncjobs.bench.faults;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Users who change jobs over the API of nodes that live, all at the same time, while faults are made.
 *
 * <p>A job's configuration is changed by one of them only, one change after the other, so that its history can be told.
 */
final class Changes {

    private static final int USERS = 3;
    private static final int PAUSE_MILLIS = 400;
    private static final int MOST_MADE = 20;

    private final ApiClient api;
    private final List<String> changing;
    private final List<String> all;
    private final Supplier<Optional<URI>> node;
    private final LongSupplier clock;
    private final List<Change> log = new ArrayList<>();
    private final List<SplittableRandom> randoms = new ArrayList<>();
    private final List<List<String>> owned = new ArrayList<>();
    private int made;
    private int number;

    /** {@code node} gives one that lives, if there is any. */
    Changes(ApiClient api, Workload workload, long seed, Supplier<Optional<URI>> node, LongSupplier clock) {
        this.api = api;
        this.node = node;
        this.clock = clock;
        this.changing = workload.jobs().stream()
                .filter(Workload.Planned::changing)
                .map(Workload.Planned::name)
                .toList();
        this.all = workload.jobs().stream().map(Workload.Planned::name).toList();
        for (int user = 0; user < USERS; user++) {
            randoms.add(new SplittableRandom(seed + 7_919L * (user + 1)));
            List<String> jobs = new ArrayList<>();
            for (int i = user; i < changing.size(); i += USERS) {
                jobs.add(changing.get(i));
            }
            owned.add(jobs);
        }
    }

    List<Change> log() {
        synchronized (log) {
            return List.copyOf(log);
        }
    }

    /** Lets all users change things until told to stop; returns what stops them, which waits for the last answers. */
    AutoCloseable begin() {
        List<Thread> users = new ArrayList<>();
        for (int user = 0; user < USERS; user++) {
            int which = user;
            users.add(Thread.ofVirtual().name("user-" + user).start(() -> {
                try {
                    while (!Thread.currentThread().isInterrupted()) {
                        changeSomething(randoms.get(which), owned.get(which));
                        Thread.sleep(randoms.get(which).nextInt(PAUSE_MILLIS));
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        return () -> {
            users.forEach(Thread::interrupt);
            for (Thread user : users) {
                user.join();
            }
        };
    }

    private void changeSomething(SplittableRandom random, List<String> jobs) throws InterruptedException {
        Optional<URI> at = node.get();
        if (at.isEmpty()) {
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 25) {
            runNow(at.get(), all.get(random.nextInt(all.size())));
        } else if (dice < 35) {
            cancel(at.get(), all.get(random.nextInt(all.size())));
        } else if (dice < 40) {
            create(at.get(), jobs);
        } else if (!jobs.isEmpty()) {
            String job = jobs.get(random.nextInt(jobs.size()));
            reconfigure(at.get(), job, random, jobs);
        }
    }

    private void runNow(URI at, String job) throws InterruptedException {
        String reason = reason();
        note("run", job, reason, () -> api.post(at, path(job) + "/runs", Map.of("reason", reason)));
    }

    private void cancel(URI at, String job) throws InterruptedException {
        ApiClient.Answer runs = api.get(at, path(job) + "/runs?size=1");
        JsonNode latest = json(runs).path("items").path(0);
        if (latest.hasNonNull("id") && latest.path("outcome").isNull()) {
            String reason = reason();
            note(
                    "cancel",
                    job,
                    reason,
                    () -> api.post(
                            at, "/api/v1/runs/" + latest.path("id").asText() + "/cancel", Map.of("reason", reason)));
        }
    }

    private void create(URI at, List<String> jobs) throws InterruptedException {
        String name;
        synchronized (this) {
            if (made >= MOST_MADE) {
                return;
            }
            made++;
            name = "made-" + made;
        }
        jobs.add(name);
        String reason = reason();
        note(
                "create",
                name,
                reason,
                () -> api.post(at, "/api/v1/jobs", Workload.draft(name, Workload.Kind.QUICK.script(), 2, reason)));
    }

    /** Reads the job and changes just that state of it. */
    private void reconfigure(URI at, String job, SplittableRandom random, List<String> jobs)
            throws InterruptedException {
        ApiClient.Answer read = api.get(at, path(job));
        if (!read.isSuccess()) {
            return;
        }
        JsonNode now = json(read);
        String reason = reason();
        Map<String, String> why = Map.of("reason", reason);
        int dice = random.nextInt(100);
        if (now.path("archived").asBoolean()) {
            if (dice < 10 && job.startsWith("made-")) {
                jobs.remove(job);
                note(
                        "delete",
                        job,
                        reason,
                        () -> api.send(at, "DELETE", path(job) + "?reason=" + reason, null, read.etag()));
            } else {
                note("unarchive", job, reason, () -> api.send(at, "POST", path(job) + "/unarchive", why, read.etag()));
            }
        } else if (now.path("paused").asBoolean()) {
            note("resume", job, reason, () -> api.post(at, path(job) + "/resume", why));
        } else if (dice < 25) {
            note("archive", job, reason, () -> api.send(at, "POST", path(job) + "/archive", why, read.etag()));
        } else if (dice < 50) {
            note("pause", job, reason, () -> api.post(at, path(job) + "/pause", why));
        } else {
            Map<String, Object> draft = dice < 80
                    ? Map.of(
                            "pollIntervalSeconds",
                            now.path("pollIntervalSeconds").asInt() % 3 + 1,
                            "reason",
                            reason)
                    : Map.of("script", kindOf(now).script() + "// " + reason + "\n", "reason", reason);
            note("update", job, reason, () -> api.send(at, "PATCH", path(job), draft, read.etag()));
        }
    }

    private static Workload.Kind kindOf(JsonNode job) {
        String name = job.path("name").asText();
        if (!name.startsWith("changed-")) {
            return Workload.Kind.QUICK;
        }
        int number = Integer.parseInt(name.substring(name.indexOf('-') + 1));
        return number % 2 == 0 ? Workload.Kind.QUICK : Workload.Kind.COUNTER;
    }

    private interface Call {
        ApiClient.Answer send() throws InterruptedException;
    }

    private void note(String action, String job, String reason, Call call) throws InterruptedException {
        long sentAt = clock.getAsLong();
        int status = 0;
        UUID run = null;
        try {
            ApiClient.Answer answer = call.send();
            status = answer.status();
            run = "run".equals(action) && answer.isSuccess() ? runOf(answer) : null;
        } finally {
            // Interrupted, it has had no answer
            synchronized (log) {
                log.add(new Change(sentAt, clock.getAsLong(), action, job, reason, status, run));
            }
        }
    }

    private static @Nullable UUID runOf(ApiClient.Answer answer) {
        String id = json(answer).path("id").asText();
        return id.isEmpty() ? null : UUID.fromString(id);
    }

    private static JsonNode json(ApiClient.Answer answer) {
        try {
            return answer.json();
        } catch (IOException e) {
            return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
        }
    }

    private synchronized String reason() {
        number++;
        return "change-" + number;
    }

    private static String path(String job) {
        return "/api/v1/jobs/" + job;
    }
}
