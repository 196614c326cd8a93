package io.asyncjobs.job;

import io.asyncjobs.connection.Connections;
import io.asyncjobs.platform.crypto.UnreadableSecretException;
import io.asyncjobs.script.MalformedScriptException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Which jobs' current scripts name a connection literally, as in {@code http.get('clinical-api', …)}. Scripts are encrypted at
 * rest, so they are searched in the node. A name that a script puts together is not found.
 */
@ApplicationScoped
public class ConnectionUses {

    private final Connections connections;
    private final JobRepository jobs;
    private final StoredScripts scripts;

    /** The most jobs, and the most lines of each, that are named. */
    static final int MOST = 10_000;

    static final int MOST_LINES = 100;

    ConnectionUses(Connections connections, JobRepository jobs, StoredScripts scripts) {
        this.connections = connections;
        this.jobs = jobs;
        this.scripts = scripts;
    }

    /**
     * The jobs by name, archived ones included.
     *
     * @throws io.asyncjobs.platform.problem.UnknownException when there is no such connection
     */
    @Transactional
    public ConnectionJobsView of(String connection) {
        Pattern literal = literal(connections.get(connection).body().name());
        Map<String, List<Integer>> linesBySha = new HashMap<>();
        List<ConnectionJobsView.UsingJobView> found = new ArrayList<>();
        int unreadable = 0;
        for (Object[] job : jobs.getEntityManager()
                .createQuery(
                        "select j.id, j.name, j.archived, j.script.sha256 from Job j order by j.nameKey",
                        Object[].class)
                .getResultList()) {
            try {
                List<Integer> lines = linesBySha.computeIfAbsent((String) job[3], sha256 -> lines(literal, sha256));
                if (!lines.isEmpty() && found.size() < MOST) {
                    found.add(new ConnectionJobsView.UsingJobView(
                            (UUID) job[0], (String) job[1], (Boolean) job[2], lines));
                }
            } catch (UnreadableSecretException | MalformedScriptException | NoSuchElementException e) {
                unreadable++;
            }
        }
        return new ConnectionJobsView(found, unreadable);
    }

    private List<Integer> lines(Pattern literal, String sha256) {
        List<Integer> lines = new ArrayList<>();
        int number = 0;
        for (String line : scripts.source(sha256).text().split("\n", -1)) {
            number++;
            if (lines.size() < MOST_LINES && literal.matcher(line).find()) {
                lines.add(number);
            }
        }
        return lines;
    }

    static Pattern literal(String name) {
        return Pattern.compile(
                "(['\"`])" + Pattern.quote(name).concat("\\1"), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }
}
