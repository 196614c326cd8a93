// Makes the table "subject_mirror" of the data warehouse follow the table "subject" of the EDC system: adds, corrects, marks as withdrawn.
const wanted = await sql.query(params.source, 'select id, site, status from subject order by id');
const present = new Map(
  (await sql.query(params.target, 'select id, site, status from subject_mirror')).map(row => [row.id, row]));

const report = { added: 0, corrected: 0, withdrawn: 0 };
for (const row of wanted) {
  const mirrored = present.get(row.id);
  present.delete(row.id);
  if (mirrored === undefined) {
    await sql.execute(params.target, 'insert into subject_mirror (id, site, status) values ($1, $2, $3)', [row.id, row.site, row.status]);
    report.added++;
  } else if (mirrored.site !== row.site || mirrored.status !== row.status) {
    await sql.execute(params.target, 'update subject_mirror set site = $2, status = $3 where id = $1', [row.id, row.site, row.status]);
    await audit.record({ action: 'correct', entityType: 'subject', entityId: String(row.id), before: mirrored, after: row, reason: 'differs from the source' });
    report.corrected++;
  }
}
for (const [id, row] of present) {
  if (row.status === 'withdrawn') continue;
  await sql.execute(params.target, "update subject_mirror set status = 'withdrawn' where id = $1", [id]);
  await audit.record({ action: 'withdraw', entityType: 'subject', entityId: String(id), before: row, reason: 'gone from the source' });
  report.withdrawn++;
}
return report;
