// Leads a job through its whole life with nothing but the types generated from openapi.yaml.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/api.d.ts';

type Job = components['schemas']['Job'];
type Problem = components['schemas']['Problem'];
type Run = components['schemas']['Run'];

const { SERVICE, TOKEN, NAME } = process.env;
assert(SERVICE !== undefined && TOKEN !== undefined && NAME !== undefined);

const api = createClient<paths>({ baseUrl: SERVICE, headers: { authorization: `Bearer ${TOKEN}` } });

/** What was asked for; a refusal is an error. */
function good<T>({ data, error }: { data?: T; error?: Problem }): T {
  assert(data !== undefined, JSON.stringify(error));
  return data;
}

/** Why it was refused. */
function problem({ error, response }: { error?: Problem; response: Response }, status: number): Problem {
  assert(error !== undefined);
  assert.equal(response.status, status);
  assert.equal(error.status, status);
  return error;
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const found = await ask();
    if (found !== undefined) {
      return found;
    }
    await pause(50);
  }
  throw new Error(`Not within 30 s: ${what}`);
}

const script = 'log.info(`hello ${params.who}`); await state.set("seen", params.who); return { n: 1 };';

// Try, create, find, read
const trial = good(await api.POST('/api/v1/trials', { body: { script, parameters: { who: 'nobody' } } }));
assert.equal(trial.outcome, 'succeeded');
assert.deepEqual(trial.effects.map((effect) => effect.target), ['seen']);
const created = await api.POST('/api/v1/jobs', {
  body: { name: NAME, script, pollIntervalSeconds: 300, timeoutSeconds: 60, parameters: { who: 'world' } },
});
const job: Job = good(created);
assert.equal(created.response.status, 201);
assert.match(created.response.headers.get('location') ?? '', new RegExp(`/api/v1/jobs/${job.id}$`));
assert.equal(job.lastRun, null);
const page = good(await api.GET('/api/v1/jobs', { params: { query: { name: NAME, archived: 'false', size: 10 } } }));
assert.deepEqual(page.items.map((item) => item.id), [job.id]);
const path = { job: job.id };
const read = await api.GET('/api/v1/jobs/{job}', { params: { path } });
// The timer follows the job by a moment
assert.deepEqual({ ...good(read), nextTickAt: null }, { ...job, nextTickAt: null });
const etag = read.response.headers.get('etag');
assert(etag !== null);

// Change, and be told when somebody was faster
const seen = { path, header: { 'If-Match': etag } };
const anyhow = { path, header: { 'If-Match': '*' } };
assert.equal(
  good(await api.PATCH('/api/v1/jobs/{job}', { params: seen, body: { pollIntervalSeconds: 120 } })).pollIntervalSeconds,
  120,
);
const stale = problem(await api.PATCH('/api/v1/jobs/{job}', { params: seen, body: { timeoutSeconds: 5 } }), 412);
assert.equal(stale.type, 'https://asyncjobs.io/problems#stale');
const invalid = problem(await api.PATCH('/api/v1/jobs/{job}', { params: anyhow, body: { timeoutSeconds: 301 } }), 422);
assert.deepEqual(invalid.violations?.map((violation) => violation.field), ['timeoutSeconds']);
const uploaded = good(
  await api.PUT('/api/v1/jobs/{job}/script', {
    params: anyhow,
    body: `${script}\n`,
    bodySerializer: (source) => source,
    headers: { 'content-type': 'text/javascript' },
  }),
);
assert.notEqual(uploaded.scriptMd5, job.scriptMd5);
const source: string = good(await api.GET('/api/v1/jobs/{job}/script', { params: { path }, parseAs: 'text' }));
assert.equal(source, `${script}\n`);

// Run, and see what came of it
const started: Run = await until('a run starts', async () => {
  const { data, error } = await api.POST('/api/v1/jobs/{job}/runs', { params: { path } });
  // The timer may be faster: the first tick is somewhere in the first interval
  assert(data !== undefined || error.status === 409);
  return data;
});
const run = await until('the run ends', async () => {
  const found = good(await api.GET('/api/v1/runs/{id}', { params: { path: { id: started.id } } }));
  return found.outcome === null ? undefined : found;
});
assert.equal(run.outcome, 'succeeded');
assert.deepEqual(run.result, { n: 1 });
assert.equal(run.error, null);
const log: string = good(await api.GET('/api/v1/runs/{id}/log', { params: { path: { id: run.id } }, parseAs: 'text' }));
assert.match(log, /hello world/);
const runs = good(
  await api.GET('/api/v1/jobs/{job}/runs', { params: { path, query: { outcome: 'succeeded', size: 10 } } }),
);
assert(runs.items.some((item) => item.id === run.id));
const ticks = good(await api.GET('/api/v1/jobs/{job}/ticks', { params: { path } }));
assert.equal(ticks.expected, ticks.ran + Object.values(ticks.gaps).reduce((sum, count) => sum + count, 0));
const kept = good(await api.GET('/api/v1/jobs/{job}/state/{key}', { params: { path: { ...path, key: 'seen' } } }));
assert.equal(kept.value, 'world');

// Go back
const revisions = good(await api.GET('/api/v1/jobs/{job}/revisions', { params: { path } }));
assert.deepEqual(revisions.items.map((item) => item.revision), [3, 2, 1]);
const diff: string = good(
  await api.GET('/api/v1/jobs/{job}/diff', { params: { path, query: { from: 1, to: 3 } }, parseAs: 'text' }),
);
assert.match(diff, /^\+\+\+/m);
const reverted = good(await api.POST('/api/v1/jobs/{job}/revert', { params: anyhow, body: { revision: 1 } }));
assert.equal(reverted.pollIntervalSeconds, 300);

// Hold, go on, take out of use, bring back, delete
const paused = good(await api.POST('/api/v1/jobs/{job}/pause', { params: { path }, body: { reason: 'offline' } }));
assert.equal(paused.pause?.reason, 'offline');
assert.equal(good(await api.POST('/api/v1/jobs/{job}/resume', { params: { path } })).pause, null);
assert(good(await api.POST('/api/v1/jobs/{job}/archive', { params: anyhow, body: { reason: 'done' } })).archived);
assert.equal(
  problem(await api.POST('/api/v1/jobs/{job}/runs', { params: { path } }), 409).type,
  'https://asyncjobs.io/problems#job-archived',
);
assert(!good(await api.POST('/api/v1/jobs/{job}/unarchive', { params: anyhow })).archived);
good(await api.POST('/api/v1/jobs/{job}/archive', { params: anyhow }));
assert.equal((await api.DELETE('/api/v1/jobs/{job}', { params: anyhow })).response.status, 204);
problem(await api.GET('/api/v1/jobs/{job}', { params: { path } }), 404);

console.log(`The job ${NAME} led all of its life`);
