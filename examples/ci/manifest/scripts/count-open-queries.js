// Counts the open queries of each site.
const res = await http.get(params.connection, '/queries?status=open');
if (!res.ok) throw new Error(`The query list answered ${res.status}`);

const sites = {};
for (const query of res.json()) {
  sites[query.site] = (sites[query.site] ?? 0) + 1;
}
return { sites };
