// Downloads reports that are ready, as PDF, and sends each on as a file of a form.
const list = await http.get(params.reports, '/reports?status=ready');
if (!list.ok) throw new Error(`The report list answered ${list.status}`);
let sent = 0;
for (const { id, title } of list.json().slice(0, params.mostAtOnce)) {
  const pdf = await http.get(params.reports, `/reports/${encodeURIComponent(id)}.pdf`);
  if (!pdf.ok) throw new Error(`Report ${id} answered ${pdf.status}`);
  const bytes = pdf.bytes();
  if (new TextDecoder().decode(bytes.subarray(0, 5)) !== '%PDF-') throw new Error(`Report ${id} is no PDF`);
  const answer = await http.post(params.archive, '/documents', http.multipart([
    { name: 'title', value: title },
    { name: 'file', value: bytes, filename: `${id}.pdf`, type: 'application/pdf' },
  ]));
  // 409: the archive has it from a run whose answer was lost
  if (!answer.ok && answer.status !== 409) throw new Error(`Report ${id} was not archived: ${answer.status}`);
  const done = await http.post(params.reports, `/reports/${encodeURIComponent(id)}/archived`);
  if (!done.ok) throw new Error(`Report ${id} could not be marked: ${done.status}`);
  sent++;
}
return { sent };
