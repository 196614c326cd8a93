// Reads subjects out of a CDISC ODM file, however large, and writes those that are new or changed. A file that was imported is known by
// its digest and is left alone.
const res = await http.get(params.edc, params.path);
if (!res.ok) throw new Error(`The export answered ${res.status}`);
const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', res.bytes())).toHex();
if ((await state.get('imported')) === digest) return { imported: 0, unchanged: true };

const rows = [];
for (const subject of xml.elements(res.text(), 'SubjectData')) {
  const site = subject.SiteRef?.[0]?.['@LocationOID'];
  if (site === undefined) throw new Error(`The subject ${subject['@SubjectKey']} has no SiteRef`);
  rows.push([subject['@SubjectKey'], site, subject['@TransactionType'] === 'Remove']);
}
let changed = 0;
for (let i = 0; i < rows.length; i += 1000) {
  changed += (await sql.batch(params.database,
    `insert into odm_subject (key, site, removed) values ($1, $2, $3)
     on conflict (key) do update set site = excluded.site, removed = excluded.removed
     where (odm_subject.site, odm_subject.removed) is distinct from (excluded.site, excluded.removed)`,
    rows.slice(i, i + 1000))).changed;
}
await state.set('imported', digest);
return { imported: rows.length, changed };
