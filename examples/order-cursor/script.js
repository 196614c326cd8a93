// Reads an API page by page and stores what is new. The cursor moves only with a run that succeeds, so nothing is skipped or read twice.
let cursor = (await state.get('cursor')) ?? '';
let stored = 0;
for (let page = 0; page < params.pagesPerRun; page++) {
  const res = await http.get(params.orders, `/orders?after=${encodeURIComponent(cursor)}&limit=100`);
  if (!res.ok) throw new Error(`The order list answered ${res.status}`);
  const { items, next } = res.json();
  for (const order of items) {
    const done = await sql.execute(params.database,
      'insert into orders (id, placed_at, body) values ($1, $2, $3) on conflict (id) do nothing', [order.id, order.placedAt, order]);
    stored += done.changed;
  }
  cursor = next ?? cursor;
  if (next === null || items.length === 0) break;
}
await state.set('cursor', cursor);
return { stored, cursor };
