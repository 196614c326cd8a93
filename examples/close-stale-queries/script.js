// Closes queries that nobody has answered for too long, each with an audit event.
const res = await http.get(params.connection, `/queries?status=open`);
if (!res.ok) throw new Error(`The query list answered ${res.status}`);

const stale = res.json().filter(query => query.ageDays > params.maxAgeDays);
let closed = 0;
for (const query of stale.slice(0, params.mostAtOnce)) {
  const answer = await http.post(params.connection, `/queries/${encodeURIComponent(query.id)}/close`, { reason: 'stale' });
  if (answer.status === 409) {
    log.info('somebody was faster', { query: query.id });
    continue;
  }
  if (!answer.ok) throw new Error(`Query ${query.id} could not be closed: ${answer.status} ${answer.text()}`);
  await audit.record({
    action: 'close', entityType: 'query', entityId: String(query.id),
    before: { status: 'open' }, after: { status: 'closed' }, reason: `no answer for ${query.ageDays} days`,
  });
  closed++;
}
return { stale: stale.length, closed };
