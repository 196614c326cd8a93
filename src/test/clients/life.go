// Leads a job through its life with a client generated from openapi-3.0.yaml.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	client "asyncjobs.io/client/go"
)

const patience = 30 * time.Second

func main() {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: os.Getenv("SERVICE")}}
	api := client.NewAPIClient(configuration)
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	ctx = context.WithValue(ctx, client.ContextAccessToken, os.Getenv("TOKEN"))
	name := os.Getenv("NAME")

	// Create an account and a job that acts as it
	account := client.NewAccountDraft(name)
	account.SetKind(client.ACCOUNTKIND_SYSTEM)
	created, _, err := api.AccountsAPI.CreateAccount(ctx).AccountDraft(*account).Execute()
	good(err)
	check(created.GetKind() == client.ACCOUNTKIND_SYSTEM, "the account is of a system")
	draft := client.NewJobDraft(name, "log.info(`hello ${params.who}`); return { n: 1 };")
	draft.SetPollIntervalSeconds(300)
	draft.SetParameters(map[string]interface{}{"who": "world"})
	draft.SetAssociatedUser(name)
	job, answer, err := api.JobsAPI.CreateJob(ctx).JobDraft(*draft).Execute()
	good(err)
	check(answer.StatusCode == http.StatusCreated, "creating answers 201")
	check(job.GetAssociatedUser() == name, "the job acts as the account")
	check(job.Pause.Get() == nil && job.Description.Get() == nil, "null is nothing")

	// Read it, replace what was read, and be told when somebody was faster
	read, answer, err := api.JobsAPI.GetJob(ctx, job.Id).Execute()
	good(err)
	check(read.Id == job.Id && read.Parameters["who"] == "world", "what is read is what was created")
	etag := answer.Header.Get("ETag")
	draft.SetDescription("from a client")
	replaced, _, err := api.JobsAPI.ReplaceJob(ctx, job.Id).IfMatch(etag).JobDraft(*draft).Execute()
	good(err)
	check(replaced.Revision == 2 && replaced.GetDescription() == "from a client", "the job is replaced")
	_, _, err = api.JobsAPI.ReplaceJob(ctx, job.Id).IfMatch(etag).JobDraft(*draft).Execute()
	check(problem(err, http.StatusPreconditionFailed).Type == "https://asyncjobs.io/problems#stale", "the ETag is stale")
	draft.SetPollIntervalSeconds(301)
	_, _, err = api.JobsAPI.ReplaceJob(ctx, job.Id).IfMatch("*").JobDraft(*draft).Execute()
	violations := problem(err, http.StatusUnprocessableEntity).Violations
	check(len(violations) == 1 && violations[0].Field == "pollIntervalSeconds", "the field at fault is named")

	// Run it, and see what came of it
	run := ended(ctx, api, runNow(ctx, api, job.Id))
	check(run.GetOutcome() == client.RUNOUTCOME_SUCCEEDED, "the run succeeded")
	check(fmt.Sprint(run.Result) == "map[n:1]" && run.GetUser() == name, "the run has its result and user")
	check(run.Error.Get() == nil && !run.FinishedAt.Get().Before(*run.StartedAt.Get()), "the run has its times and no error")
	text, _, err := api.RunsAPI.GetRunLog(ctx, run.Id).Execute()
	good(err)
	check(strings.Contains(text, "hello world"), "the log has what the script logged")

	// Take it out of use, and delete it
	archived, _, err := api.JobsAPI.ArchiveJob(ctx, job.Id).IfMatch("*").Execute()
	good(err)
	check(archived.Archived, "the job is archived")
	answer, err = api.JobsAPI.DeleteJob(ctx, job.Id).IfMatch("*").Reason("tidying up").Execute()
	good(err)
	check(answer.StatusCode == http.StatusNoContent, "deleting answers 204")
	_, _, err = api.JobsAPI.GetJob(ctx, job.Id).Execute()
	check(problem(err, http.StatusNotFound).Instance == "/api/v1/jobs/"+job.Id, "the job is gone")
	fmt.Printf("The job %s led all of its life\n", name)
}

func runNow(ctx context.Context, api *client.APIClient, job string) string {
	var id string
	until("a run starts", func() bool {
		run, answer, err := api.RunsAPI.RunNow(ctx, job).Execute()
		if answer != nil && answer.StatusCode == http.StatusConflict {
			// The timer was faster: the first tick is somewhere in the first interval
			return false
		}
		good(err)
		id = run.Id
		return true
	})
	return id
}

func ended(ctx context.Context, api *client.APIClient, id string) *client.Run {
	var run *client.Run
	until("the run ends", func() bool {
		found, _, err := api.RunsAPI.GetRun(ctx, id).Execute()
		good(err)
		run = found
		return found.Outcome.Get() != nil
	})
	return run
}

func until(what string, done func() bool) {
	for deadline := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		check(time.Now().Before(deadline), "not within "+patience.String()+": "+what)
	}
}

// problem is why the service refused.
func problem(err error, status int) client.Problem {
	var refused *client.GenericOpenAPIError
	check(errors.As(err, &refused), fmt.Sprintf("a refusal with %d, and not %v", status, err))
	told, known := refused.Model().(client.Problem)
	check(known && int(told.Status) == status, fmt.Sprintf("a problem with %d, and not %s", status, refused.Body()))
	return told
}

func good(err error) {
	var refused *client.GenericOpenAPIError
	if errors.As(err, &refused) {
		log.Panicf("%v: %s", err, refused.Body())
	}
	if err != nil {
		log.Panic(err)
	}
}

func check(holds bool, what string) {
	if !holds {
		log.Panicf("This does not hold: %s", what)
	}
}
