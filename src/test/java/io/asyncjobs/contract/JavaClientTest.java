package io.asyncjobs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.asyncjobs.client.ApiClient;
import io.asyncjobs.client.ApiException;
import io.asyncjobs.client.ApiResponse;
import io.asyncjobs.client.api.AccountsApi;
import io.asyncjobs.client.api.JobsApi;
import io.asyncjobs.client.api.RevisionsApi;
import io.asyncjobs.client.api.RunsApi;
import io.asyncjobs.client.api.ScriptsApi;
import io.asyncjobs.client.api.StateApi;
import io.asyncjobs.client.model.AccountDraft;
import io.asyncjobs.client.model.AccountKind;
import io.asyncjobs.client.model.ArchivedFilter;
import io.asyncjobs.client.model.Job;
import io.asyncjobs.client.model.JobDraft;
import io.asyncjobs.client.model.JobPatch;
import io.asyncjobs.client.model.JobSummary;
import io.asyncjobs.client.model.PauseDraft;
import io.asyncjobs.client.model.Problem;
import io.asyncjobs.client.model.ReasonDraft;
import io.asyncjobs.client.model.RevertDraft;
import io.asyncjobs.client.model.RevisionSummary;
import io.asyncjobs.client.model.Run;
import io.asyncjobs.client.model.RunOutcome;
import io.asyncjobs.client.model.RunTrigger;
import io.asyncjobs.client.model.ScriptDraft;
import io.asyncjobs.client.model.Ticks;
import io.asyncjobs.client.model.Trial;
import io.asyncjobs.client.model.TrialDraft;
import io.asyncjobs.client.model.Violation;
import io.asyncjobs.testsupport.Api;
import io.asyncjobs.testsupport.ContractProxy;
import io.asyncjobs.testsupport.DatabaseResource;
import io.asyncjobs.testsupport.Tokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Java client generated from {@code openapi.yaml}, compiled as it comes, leads a job through its whole life. */
@QuarkusTest
@WithTestResource(DatabaseResource.class)
class JavaClientTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private ApiClient client;
    private AccountsApi accounts;
    private JobsApi jobs;
    private RevisionsApi revisions;
    private RunsApi runs;
    private ScriptsApi scripts;
    private StateApi state;

    @BeforeEach
    void connect() {
        client = new ApiClient();
        if (ContractProxy.isOn()) {
            // The JDK's client offers HTTP/2 at first; Prism passes the offer on, and then cannot take it up
            client.setHttpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
        }
        client.setReadTimeout(PATIENCE);
        client.updateBaseUri(
                "http://127.0.0.1:" + ContractProxy.before(RestAssured.port).orElse(RestAssured.port));
        client.setRequestInterceptor(
                request -> request.header("Authorization", "Bearer " + Tokens.superadmin("alice")));
        client.setResponseInterceptor(JavaClientTest::check);
        accounts = new AccountsApi(client);
        jobs = new JobsApi(client);
        revisions = new RevisionsApi(client);
        runs = new RunsApi(client);
        scripts = new ScriptsApi(client);
        state = new StateApi(client);
    }

    @Test
    void job_lives_its_whole_life() throws ApiException {
        String user = Api.unique("user");
        accounts.createAccount(new AccountDraft().username(user).kind(AccountKind.SYSTEM));
        String script = "log.info(`hello ${params.who}`); await state.set('seen', params.who); return { n: 1 };";
        assertThat(scripts.validateScript(new ScriptDraft().script(script)).getValid())
                .isTrue();
        Trial trial = scripts.tryScript(new TrialDraft().script(script).parameters(Map.of("who", "nobody")));
        assertThat(trial.getOutcome()).isEqualTo(RunOutcome.SUCCEEDED);
        assertThat(trial.getEffects()).singleElement().satisfies(effect -> assertThat(effect.getTarget())
                .isEqualTo("seen"));

        // Create, find, read
        String name = Api.unique("client");
        ApiResponse<Job> created = jobs.createJobWithHttpInfo(
                new JobDraft()
                        .name(name)
                        .script(script)
                        .pollIntervalSeconds(300)
                        .parameters(Map.of("who", "world"))
                        .associatedUser(user),
                null,
                Api.unique("key"));
        Job job = created.getData();
        String id = job.getId().toString();
        assertThat(created.getStatusCode()).isEqualTo(201);
        assertThat(created.getHeaders()).containsKeys("location", "etag");
        assertThat(jobs.listJobs(ArchivedFilter.FALSE, name, 0, 10, "-updatedAt", user)
                        .getItems())
                .extracting(JobSummary::getId)
                .containsExactly(job.getId());
        ApiResponse<Job> read = jobs.getJobWithHttpInfo(id, null);
        // The timer follows the job by a moment
        assertThat(read.getData().nextTickAt(null)).isEqualTo(job.nextTickAt(null));
        assertThat(job.getParametersSchema()).isNull();
        assertThat(job.getLastRun()).isNull();
        String first = etag(read);

        // Change, and be told when somebody was faster
        Job patched =
                jobs.patchJob(id, first, new JobPatch().pollIntervalSeconds(120).description("from a client"));
        assertThat(patched.getPollIntervalSeconds()).isEqualTo(120);
        assertThat(patched.getDescription()).isEqualTo("from a client");
        Problem stale = problem(412, () -> jobs.patchJob(id, first, new JobPatch().timeoutSeconds(5)));
        assertThat(stale.getType()).hasToString("https://asyncjobs.io/problems#stale");
        Problem invalid = problem(422, () -> jobs.patchJob(id, "*", new JobPatch().pollIntervalSeconds(301)));
        assertThat(invalid.getViolations()).extracting(Violation::getField).containsExactly("pollIntervalSeconds");
        assertThat(jobs.patchJob(id, "*", new JobPatch().description(null)).getDescription())
                .isNull();
        assertThat(jobs.replaceJobScript(id, "*", script + "\n", "a new line").getScript())
                .isEqualTo(script + "\n");
        assertThat(jobs.getJobScript(id)).hasContent(script + "\n");

        // Run, and see what came of it
        Run run = ended(runNow(id));
        assertThat(run.getOutcome()).isEqualTo(RunOutcome.SUCCEEDED);
        assertThat(run.getTrigger()).isEqualTo(RunTrigger.MANUAL);
        assertThat(run.getResult()).isEqualTo(Map.of("n", 1));
        assertThat(run.getError()).isNull();
        assertThat(run.getUser()).isEqualTo(user);
        assertThat(runs.getRunLog(run.getId())).contains("hello world");
        assertThat(runs.listRuns(id, null, null, RunOutcome.SUCCEEDED, 0, 10, null, null)
                        .getItems())
                // Lists leave the parameters out
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("parameters")
                .contains(run);
        Ticks ticks = runs.getTicks(id, null, null);
        assertThat(ticks.getExpected())
                .isEqualTo(ticks.getRan()
                        + ticks.getGaps().values().stream()
                                .mapToLong(Long::longValue)
                                .sum());
        assertThat(state.getStateEntry(id, "seen").getValue()).isEqualTo("world");

        // Go back
        assertThat(revisions.listRevisions(id, null, null, null).getItems())
                .extracting(RevisionSummary::getRevision)
                .containsExactly(4, 3, 2, 1);
        assertThat(revisions.diffRevisions(id, 1, 4)).content().contains("+++");
        Job reverted =
                revisions.revertJob(id, "*", new RevertDraft().revision(1).reason("as it was"));
        assertThat(reverted.getPollIntervalSeconds()).isEqualTo(300);
        assertThat(reverted.getRevision()).isEqualTo(5);

        // Hold, go on, take out of use, bring back, delete
        Job paused = jobs.pauseJob(id, new PauseDraft().reason("the lab is offline"));
        assertThat(paused.getPaused()).isTrue();
        assertThat(Objects.requireNonNull(paused.getPause()).getReason()).isEqualTo("the lab is offline");
        assertThat(jobs.resumeJob(id, new ReasonDraft()).getPaused()).isFalse();
        assertThat(jobs.archiveJob(id, "*", new ReasonDraft().reason("done")).getArchived())
                .isTrue();
        assertThat(problem(409, () -> runs.runNow(id, null, null)).getType())
                .hasToString("https://asyncjobs.io/problems#job-archived");
        assertThat(jobs.unarchiveJob(id, "*", null).getArchived()).isFalse();
        jobs.archiveJob(id, "*", null);
        jobs.deleteJob(id, "*", "tidying up");
        assertThat(problem(404, () -> jobs.getJob(id, null)).getInstance()).hasToString("/api/v1/jobs/" + id);
    }

    private static void check(HttpResponse<?> answer) {
        ContractProxy.check(
                answer.request().method(),
                answer.uri().getRawPath(),
                answer.statusCode(),
                answer.headers().firstValue("sl-violations"));
    }

    private UUID runNow(String job) {
        // The timer may be faster: the first tick is somewhere in the first interval
        return await().atMost(PATIENCE)
                .ignoreExceptionsMatching(
                        failure -> failure instanceof ApiException refused && refused.getCode() == 409)
                .until(() -> runs.runNow(job, null, null).getId(), Objects::nonNull);
    }

    private Run ended(UUID run) {
        return await().atMost(PATIENCE).until(() -> runs.getRun(run), found -> found.getOutcome() != null);
    }

    private static String etag(ApiResponse<?> answer) {
        return Objects.requireNonNull(answer.getHeaders().get("etag")).getFirst();
    }

    /** What the client is told when the service refuses. */
    private Problem problem(int status, ThrowingCallable call) {
        ApiException refused = Objects.requireNonNull(catchThrowableOfType(ApiException.class, call));
        assertThat(refused.getCode()).isEqualTo(status);
        try {
            return client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
        } catch (java.io.IOException e) {
            throw new AssertionError(refused.getResponseBody(), e);
        }
    }
}
