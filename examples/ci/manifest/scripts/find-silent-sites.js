// Names the sites that sent nothing for too long.
const res = await http.get(params.connection, '/sites');
if (!res.ok) throw new Error(`The site list answered ${res.status}`);

const silent = res.json().filter(site => site.silentDays > params.mostSilentDays).map(site => site.name);
if (silent.length > 0) log.warn('sites are silent', { silent });
return { silent };
