"""Leads a job through its life with a client generated from openapi-3.0.yaml."""

import os
import time

import asyncjobs_client as client

PATIENCE_SECONDS = 30


def main():
    name = os.environ['NAME']
    configuration = client.Configuration(host=os.environ['SERVICE'], access_token=os.environ['TOKEN'])
    with client.ApiClient(configuration) as connection:
        accounts = client.AccountsApi(connection)
        jobs = client.JobsApi(connection)
        runs = client.RunsApi(connection)

        # Create an account and a job that acts as it
        account = accounts.create_account(client.AccountDraft(username=name, kind=client.AccountKind.SYSTEM))
        assert account.kind == client.AccountKind.SYSTEM
        draft = client.JobDraft(
            name=name,
            script='log.info(`hello ${params.who}`); return { n: 1 };',
            pollIntervalSeconds=300,
            parameters={'who': 'world'},
            associatedUser=name,
        )
        created = jobs.create_job_with_http_info(draft)
        job = created.data
        job_id = str(job.id)
        assert created.status_code == 201
        assert job.associated_user == name
        assert job.pause is None and job.description is None

        # Read it, replace what was read, and be told when somebody was faster
        read = jobs.get_job_with_http_info(job_id)
        assert read.data.id == job.id and read.data.parameters == {'who': 'world'}
        etag = read.headers['ETag']
        draft.description = 'from a client'
        replaced = jobs.replace_job(job_id, draft, if_match=etag)
        assert replaced.revision == 2 and replaced.description == 'from a client'
        stale = problem(412, lambda: jobs.replace_job(job_id, draft, if_match=etag))
        assert stale.type == 'https://asyncjobs.io/problems#stale'
        unread = client.JobDraft(name=name, script='return (')
        invalid = problem(422, lambda: jobs.replace_job(job_id, unread, if_match='*'))
        assert [violation.to_dict()['field'] for violation in invalid.violations] == ['script']

        # Run it, and see what came of it
        run = ended(runs, run_now(runs, job_id))
        assert run.outcome == client.RunOutcome.SUCCEEDED
        assert run.result == {'n': 1} and run.user == name
        assert run.error is None and run.finished_at >= run.started_at
        assert 'hello world' in runs.get_run_log(run.id)

        # Take it out of use, and delete it
        assert jobs.archive_job(job_id, '*').archived
        jobs.delete_job(job_id, '*', 'tidying up')
        assert problem(404, lambda: jobs.get_job(job_id)).instance == f'/api/v1/jobs/{job_id}'
    print(f'The job {name} led all of its life')


def run_now(runs, job):
    def start():
        try:
            return runs.run_now(job).id
        except client.ApiException as refused:
            # The timer was faster: the first tick is somewhere in the first interval
            if refused.status != 409:
                raise
            return None

    return until('a run starts', start)


def ended(runs, run):
    def look():
        found = runs.get_run(run)
        return found if found.outcome is not None else None

    return until('the run ends', look)


def until(what, ask):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f'Not within {PATIENCE_SECONDS} s: {what}')


def problem(status, call):
    """Why the service refused."""
    try:
        call()
    except client.ApiException as refused:
        assert refused.status == status, refused
        told = client.Problem.from_json(refused.body)
        assert told.status == status
        return told
    raise AssertionError(f'This was to be refused with {status}')


main()
