// Once a night sends what happened during the day. The job looks every few minutes; the state remembers the last day that was sent.
const now = new Date(run.scheduledFor);
const day = new Date(now.getTime() - 86_400_000).toISOString().slice(0, 10);
if (now.getUTCHours() < params.sendAfterHourUtc) return { waiting: `until ${params.sendAfterHourUtc}:00 UTC` };
if ((await state.get('sent')) >= day) return { sent: 'already' };

const rows = await sql.query(params.database,
  "select site, count(*)::int as findings from finding where found_at >= $1::date and found_at < $1::date + 1 group by site order by site", [day]);
const text = rows.length === 0 ? 'No findings.' : rows.map(row => `${row.site}: ${row.findings}`).join('\n');
const answer = await http.post(params.mailer, '/messages', { to: params.to, subject: `Findings of ${day}`, text });
if (!answer.ok) throw new Error(`The mailer answered ${answer.status}`);
await state.set('sent', day);
return { sent: day, sites: rows.length };
