// Tells a webhook of new adverse events, each with a signature over the body as it is sent. The key is a secret of the connection: the
// script says its name.
const last = (await state.get('last')) ?? 0;
const events = await sql.query(params.database,
  'select id, subject, term, severity from adverse_event where id > $1 order by id limit $2', [last, params.mostAtOnce]);
for (const event of events) {
  const answer = await http.post(params.webhook, '/events', event, {
    sign: { secret: 'signing-key', algorithm: 'hmac-sha256', header: 'X-Signature', prefix: 'sha256=' },
    headers: { 'Idempotency-Key': `adverse-event-${event.id}` },
  });
  if (!answer.ok) throw new Error(`Event ${event.id} was answered with ${answer.status}`);
  // The next run begins behind it, whatever becomes of this one
  await state.set('last', event.id);
  await state.commit();
}
return { sent: events.length };
