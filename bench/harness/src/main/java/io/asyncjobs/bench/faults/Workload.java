package io.asyncjobs.bench.faults;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The jobs that run while faults are made, of several kinds. */
final class Workload {

    static final String PROBE = "fault-probe";

    private static final int TIMEOUT_SECONDS = 10;
    private static final int ATTEMPTS = 60;

    /**
     * What a job's script does; each tells the recorder when it begins, and when it ends where it gets so far, by calls that
     * change something: a fenced node must not make them any more.
     */
    enum Kind {
        QUICK("""
                await http.post('recorder', at('start'), {});
                await http.post('recorder', at('end'), {});
                """),
        COUNTER("""
                const n = (await state.get('n')) ?? 0;
                await http.post('recorder', at('start', n), {});
                await state.set('n', n + 1);
                await http.post('recorder', at('end'), {});
                """),
        EFFECT("""
                await http.post('recorder', at('start'), {});
                await sleep(300);
                await http.post('recorder', at('end'), {});
                """),
        /** Longer than its interval. */
        LONG("""
                await http.post('recorder', at('start'), {});
                for (let i = 0; i < 5; i++) {
                  await sleep(500);
                  await http.post('recorder', at('beat'), {});
                }
                await http.post('recorder', at('end'), {});
                """),
        FAILING("""
                const n = (await state.get('n')) ?? 0;
                await http.post('recorder', at('start', n), {});
                await state.set('n', n + 1);
                throw new Error('as it should');
                """),
        AUDIT("""
                await http.post('recorder', at('start'), {});
                await audit.record({ action: 'probe', entityType: 'fault-probe', entityId: run.id });
                await http.post('recorder', at('end'), {});
                """);

        private static final String COMMON = """
                const at = (what, value = -1) =>
                  `/?job=${encodeURIComponent(job.name)}&run=${run.id}&what=${what}&value=${value}`;
                """;

        private final String body;

        Kind(String body) {
            this.body = body;
        }

        String script() {
            return COMMON + body;
        }

        /** Whether runs tell what they read from the state, and write one more. */
        boolean counts() {
            return this == COUNTER || this == FAILING;
        }
    }

    private static final List<String> HOSTILE = List.of(
            "while (true) {}",
            "const all = []; for (;;) all.push(new Array(100000).fill(7));",
            "for (;;) log.info('x'.repeat(10000));",
            "return String(7n ** (10n ** 7n)).length;",
            "await Promise.all(Array.from({ length: 1000 }, () => http.get('recorder', '/')));",
            "const r = () => Promise.resolve().then(r); await r();",
            "for (let i = 0; ; i++) await state.set('k' + i, 'x'.repeat(100000));",
            "let s = 'x'; for (;;) try { s += s; } catch {}");

    /** A job as it is created. */
    record Planned(String name, Kind kind, int intervalSeconds, boolean changing) {}

    private final List<Planned> jobs;

    private Workload(List<Planned> jobs) {
        this.jobs = List.copyOf(jobs);
    }

    /** So many jobs, most of a second. */
    static Workload of(int count) {
        List<Planned> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int share = i % 40;
            if (share < 2) {
                jobs.add(new Planned("long-" + i, Kind.LONG, 1, false));
            } else if (share < 6) {
                jobs.add(new Planned("effect-" + i, Kind.EFFECT, 1, false));
            } else if (share < 14) {
                jobs.add(new Planned("counter-" + i, Kind.COUNTER, 1, false));
            } else if (share < 16) {
                jobs.add(new Planned("failing-" + i, Kind.FAILING, 2, false));
            } else if (share < 18) {
                jobs.add(new Planned("audit-" + i, Kind.AUDIT, 1, false));
            } else if (share < 20) {
                jobs.add(new Planned("slow-" + i, Kind.QUICK, share == 18 ? 5 : 3, false));
            } else if (share < 24) {
                jobs.add(new Planned("changed-" + i, share % 2 == 0 ? Kind.QUICK : Kind.COUNTER, 1, true));
            } else {
                jobs.add(new Planned("quick-" + i, Kind.QUICK, 1, false));
            }
        }
        return new Workload(jobs);
    }

    /** So many jobs of a second, whose runs are over at once: their next runs tell when all is well again. */
    static Workload quick(int count) {
        List<Planned> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            jobs.add(new Planned("quick-" + i, Kind.QUICK, 1, false));
        }
        return new Workload(jobs);
    }

    List<Planned> jobs() {
        return jobs;
    }

    static String hostile(int number) {
        return "hostile-" + Math.floorMod(number, HOSTILE.size());
    }

    /** What is sent to create a job. */
    static Map<String, Object> draft(String name, String script, int intervalSeconds, String reason) {
        return Map.of(
                "name", name,
                "script", script,
                "pollIntervalSeconds", intervalSeconds,
                "timeoutSeconds", TIMEOUT_SECONDS,
                "reason", reason);
    }

    /** Creates all of it over the API of that node, however slow it is. */
    void create(ApiClient api, URI node, String recorderUrl) throws IOException, InterruptedException {
        need(() -> api.send(
                node, "PUT", "/api/v1/connections/recorder", Map.of("http", Map.of("baseUrl", recorderUrl)), null));
        for (Planned job : jobs) {
            need(() -> api.post(
                    node, "/api/v1/jobs", draft(job.name(), job.kind().script(), job.intervalSeconds(), "workload")));
        }
        for (int i = 0; i < HOSTILE.size(); i++) {
            String name = hostile(i);
            String script = HOSTILE.get(i);
            need(() -> api.post(
                    node,
                    "/api/v1/jobs",
                    Map.of("name", name, "script", script, "pollIntervalSeconds", 300, "timeoutSeconds", 2)));
            need(() -> api.post(node, "/api/v1/jobs/" + name + "/pause", Map.of("reason", "by hand only")));
        }
    }

    private interface Call {
        ApiClient.Answer send() throws InterruptedException;
    }

    /** What was done although no answer came is refused the second time. */
    private static void need(Call call) throws IOException, InterruptedException {
        ApiClient.Answer answer = call.send();
        for (int attempt = 1; attempt < ATTEMPTS && !answer.isSuccess() && !answer.isRefusal(); attempt++) {
            Thread.sleep(1_000);
            answer = call.send();
            if (answer.isRefusal()) {
                return;
            }
        }
        if (!answer.isSuccess()) {
            throw new IOException("The jobs cannot be made: " + answer.status() + " " + answer.body());
        }
    }
}
