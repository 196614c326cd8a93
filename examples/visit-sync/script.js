// Copies new visits from an API behind OAuth2 into a table, page by page. Rows and cursor are kept together after each page, so a run
// that fails goes on from there. The connection fetches the token and renews it; a script never sees it.
let path = `/visits?after=${encodeURIComponent((await state.get('cursor')) ?? '')}&limit=${params.pageSize}`;
let stored = 0;
for (let page = 0; path !== undefined && page < params.pagesPerRun; page++) {
  const res = await http.get(params.api, path);
  if (!res.ok) throw new Error(`The visits answered ${res.status}`);
  const visits = res.json();
  if (visits.length > 0) {
    const done = await sql.batch(params.database,
      'insert into visit (id, subject, visited_at) values ($1, $2, $3) on conflict (id) do update set subject = excluded.subject, visited_at = excluded.visited_at',
      visits.map(visit => [visit.id, visit.subject, visit.at]));
    stored += done.changed;
    await sql.commit(params.database);
    await state.set('cursor', visits.at(-1).id);
    await state.commit();
  }
  // An absolute address is accepted below the connection's base URL
  path = /<([^>]+)>;\s*rel="next"/.exec(res.headers.link ?? '')?.[1];
}
return { stored, more: path !== undefined };
