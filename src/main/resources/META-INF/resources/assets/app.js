// Comfort on every page; nothing here is needed for a page to work

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone in which times are shown and typed: the browser's, unless the reader chose UTC. */
let zone = readZone();
let forms = formsOf(zone);

/** How far the service's clock is ahead of this one: "3 min ago" is by the service's. */
const ahead = (Date.parse(document.documentElement.dataset.now) || Date.now()) - Date.now();

function readZone() {
  try {
    return localStorage.getItem('zone') === 'UTC' ? 'UTC' : here;
  } catch {
    return here;
  }
}

function formsOf(timeZone) {
  return {
    full: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', timeZone }),
    time: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZone }),
    day: new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', timeZone }),
    clock: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, timeZone }),
  };
}

/** "in 12 s", "3 min ago". */
function relative(at) {
  const seconds = Math.round((at - Date.now() - ahead) / 1000);
  const size = Math.abs(seconds);
  if (size < 1) return 'now';
  const words = size < 60 ? `${size} s`
    : size < 90 * 60 ? `${Math.round(size / 60)} min`
    : size < 36 * 3600 ? `${Math.round(size / 3600)} h`
    : `${Math.round(size / 86400)} d`;
  return seconds > 0 ? `in ${words}` : `${words} ago`;
}

/** Times in the reader's zone, or how long ago they are; the title has them in that zone and in UTC. */
function showTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    time.dataset.utc ??= time.title;
    time.title = zone === 'UTC' ? time.dataset.utc : `${forms.full.format(at)} ${zone} · ${time.dataset.utc}`;
    time.textContent = time.dataset.form === 'ago' ? relative(at) : forms[time.dataset.form ?? 'full'].format(at);
  }
}

/** What says how long ago something was stays true. */
function keepRelativeTimes() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll('time[data-form=ago]')) {
    const words = relative(new Date(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}

/** The header names the zone; where there are two, one is chosen. */
function offerZones() {
  const place = document.querySelector('[data-zones]');
  if (!place || here === 'UTC') return;
  const select = document.createElement('select');
  for (const name of [here, 'UTC']) select.add(new Option(name, name, false, name === zone));
  select.addEventListener('change', () => {
    zone = select.value;
    forms = formsOf(zone);
    try {
      localStorage.setItem('zone', zone === 'UTC' ? 'UTC' : 'browser');
    } catch {
      // For this page alone then
    }
    enhance(document);
    typed.forEach(({ show }) => show());
  });
  const label = document.createElement('label');
  label.append('Times in ', select);
  place.replaceChildren(label);
}

/** Digests can be copied whole, and equal ones light up together. */
function makeCopyable(root) {
  for (const code of root.querySelectorAll('code[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    const hint = Object.assign(document.createElement('span'), { className: 'visually-hidden', textContent: ' copy it whole' });
    button.append(code.cloneNode(true), hint);
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(code.dataset.copy);
      button.classList.add('copied');
      announce('Copied');
      setTimeout(() => button.classList.remove('copied'), 1200);
    });
    const light = on => {
      for (const other of document.querySelectorAll(`code[data-copy="${CSS.escape(code.dataset.copy)}"]`)) {
        other.closest('.digest')?.classList.toggle('equal', on);
      }
    };
    for (const [event, on] of [['mouseenter', true], ['focus', true], ['mouseleave', false], ['blur', false]]) {
      button.addEventListener(event, () => light(on));
    }
    code.replaceWith(button);
  }
}

/** Fields of times that are typed, to be shown anew in another zone. */
const typed = [];

/** Times that are typed in the reader's zone; without this they are typed in UTC, which the label says. */
function takeLocalTimes(root) {
  for (const field of root.querySelectorAll('input[data-utc]')) {
    const sent = Object.assign(document.createElement('input'), { type: 'hidden', name: field.name, value: field.value && `${field.value}Z` });
    const show = () => {
      if (!sent.value) return;
      const at = new Date(sent.value);
      field.value = new Date(zone === 'UTC' ? at : at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    };
    const write = () => {
      sent.value = field.value && new Date(zone === 'UTC' ? `${field.value}Z` : field.value).toISOString();
    };
    show();
    field.removeAttribute('name');
    field.removeAttribute('data-utc');
    field.after(sent);
    field.addEventListener('input', write);
    typed.push({ show });
  }
}

/** What asks first is closed by Escape and by a click beside it. */
function closeWhatAsks(event) {
  for (const ask of document.querySelectorAll('details.ask[open]')) {
    if (event.key === 'Escape') {
      ask.open = false;
      ask.querySelector('summary').focus();
    } else if (event.type === 'click' && !ask.contains(event.target)) {
      ask.open = false;
    }
  }
}

let announcer;

/** Says something to who cannot see the change. */
export function announce(text) {
  announcer ??= Object.assign(document.createElement('p'), { className: 'visually-hidden' });
  announcer.setAttribute('role', 'status');
  if (!announcer.isConnected) document.body.append(announcer);
  announcer.textContent = text;
}

/** Names the zone in which times are shown and typed; without this it is UTC. */
function nameZone(root) {
  for (const name of root.querySelectorAll('[data-zone]')) name.textContent = zone;
}

/**
 * What a page that follows something does when its stream ends: it goes on where the reader is still signed in, perhaps by
 * another window; else it says aloud that it does not follow any more.
 */
export async function streamEnded(goOn) {
  let answer;
  try {
    answer = await fetch(location.href, { method: 'HEAD', headers: { Accept: 'text/html' } });
  } catch {
    return;
  }
  if (answer.ok) {
    setTimeout(goOn, 3000);
  } else if (answer.status === 401 && !document.getElementById('session-ended')) {
    const said = document.createElement('div');
    said.id = 'session-ended';
    said.className = 'warning';
    said.setAttribute('role', 'alert');
    said.setAttribute('aria-live', 'assertive');
    document.querySelector('main').prepend(said);
    const again = Object.assign(document.createElement('a'), {
      href: `/admin/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`,
      textContent: 'Sign in again',
    });
    const words = document.createElement('p');
    const strong = Object.assign(document.createElement('strong'), { textContent: 'Your session has ended.' });
    words.append(strong, ' This page does not follow what happens any more. ', again);
    said.append(words);
  }
}

/** A little less than what the service reads; a form beyond that would be refused without being looked at. */
const MOST_BYTES = 2 * 1024 * 1024 - 16 * 1024;

/** Whether the form holds more than can be sent; says so at the form, which keeps what was typed. */
function isTooLarge(form) {
  const size = text => new Blob([text.replace(/\r?\n/g, '\r\n')]).size;
  const bytes = [...new FormData(form)].reduce((sum, [name, value]) => sum + name.length + size(String(value)) + 120, 0);
  form.querySelector('.too-large')?.remove();
  if (bytes <= MOST_BYTES) return false;
  const said = Object.assign(document.createElement('p'), {
    className: 'error too-large',
    textContent: `Nothing was sent: the form holds ${bytes.toLocaleString()} bytes, and at most ${MOST_BYTES.toLocaleString()} can be sent. Make it shorter.`,
  });
  said.setAttribute('role', 'alert');
  form.prepend(said);
  said.scrollIntoView({ block: 'center' });
  return true;
}

/** Whoever leaves a form that was changed is asked first. */
function guard(form) {
  let changed = form.hasAttribute('data-unsaved');
  form.addEventListener('input', () => { changed = true; });
  form.addEventListener('submit', event => {
    if (isTooLarge(form)) {
      event.preventDefault();
    } else {
      changed = false;
    }
  });
  addEventListener('beforeunload', event => {
    if (changed && form.isConnected) event.preventDefault();
  });
}

/** Makes HTML that the server sent as comfortable as the page was. */
export function enhance(root) {
  showTimes(root);
  makeCopyable(root);
  takeLocalTimes(root);
  nameZone(root);
}

/** The streams of all windows of this browser, which has few connections for them; null where it cannot share any. */
let shared;
const followed = new Map();

function sharedStreams() {
  if (shared === undefined) {
    try {
      const version = new URL(import.meta.url).search;
      shared = new SharedWorker(`/assets/live.js${version}`, { name: `live${version}` }).port;
      shared.onmessage = ({ data }) => followed.get(data.address)?.(data);
      addEventListener('pagehide', () => shared.postMessage({ leave: [...followed.keys()] }));
    } catch {
      shared = null;
    }
  }
  return shared;
}

/**
 * Follows a stream of rows while this window can be seen.
 *
 * @param put takes an id and HTML
 * @param ended called when the stream ends; it may be opened again
 */
function stream(address, put, ended) {
  const port = sharedStreams();
  if (port) {
    followed.set(address, data => (data.ended ? ended() : put(data.id, data.html)));
    return {
      open: () => port.postMessage({ follow: address }),
      close: () => port.postMessage({ leave: [address] }),
    };
  }
  let source;
  return {
    open: () => {
      if (source && source.readyState !== EventSource.CLOSED) return;
      source = new EventSource(address);
      const closed = ({ target }) => {
        target.close();
        ended();
      };
      source.addEventListener('row', event => put(event.lastEventId, event.data));
      source.addEventListener('token-expired', closed);
      source.addEventListener('error', event => {
        // Refused; a connection that was lost is made anew by the browser
        if (event.target.readyState === EventSource.CLOSED) closed(event);
      });
    },
    close: () => source?.close(),
  };
}

/**
 * A list whose rows are sent anew when they change; one that is being used is left alone until it is not. With data-most,
 * rows that are new come in by their ids, the greatest first, and what is too much goes.
 */
function follow(table) {
  const prefix = table.dataset.rows ?? 'job-';
  const most = Number(table.dataset.most);
  const put = (id, html) => {
    const row = document.getElementById(prefix + id);
    if (row?.contains(document.activeElement)) return;
    const holder = document.createElement('template');
    holder.innerHTML = html;
    enhance(holder.content);
    const fresh = holder.content.firstElementChild;
    const body = table.tBodies[0];
    if (row) {
      const chosen = fresh.querySelector('.choose input');
      if (chosen) chosen.checked = row.querySelector('.choose input')?.checked;
      row.replaceWith(fresh);
    } else if (most) {
      body.insertBefore(fresh, [...body.rows].find(other => other.id < prefix + id) ?? null);
      while (body.rows.length > most && !body.lastElementChild.contains(document.activeElement)) {
        body.lastElementChild.remove();
      }
      table.nextElementSibling?.matches('.empty') && table.nextElementSibling.remove();
    }
  };
  const open = () => {
    if (!document.hidden) rows.open();
  };
  const rows = stream(table.dataset.live, put, () => streamEnded(open));
  document.addEventListener('visibilitychange', () => (document.hidden ? rows.close() : open()));
  open();
}

/** All boxes of a list at once. */
function chooseAll(table) {
  const head = table.querySelector('thead .choose');
  if (!head) return;
  const box = Object.assign(document.createElement('input'), { type: 'checkbox' });
  const words = Object.assign(document.createElement('span'), { className: 'visually-hidden', textContent: 'Select all jobs on this page' });
  const label = Object.assign(document.createElement('label'), { className: 'pick' });
  label.append(box, words);
  head.replaceChildren(label);
  box.addEventListener('change', () => {
    for (const one of table.querySelectorAll('tbody .choose input')) one.checked = box.checked;
  });
}

/** A slash goes to the search, arrows go from row to row. */
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, [contenteditable]')) return;
  if (event.key === '/') {
    const search = document.getElementById('q');
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const row = event.target.closest('table.list tbody tr');
    if (!row || event.target !== row.querySelector('th a')) return;
    const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
    const link = next?.querySelector('th a');
    if (!link) return;
    event.preventDefault();
    link.focus();
  }
}

offerZones();
enhance(document);
setInterval(keepRelativeTimes, 1000);
document.querySelectorAll('table.jobs').forEach(chooseAll);
document.querySelectorAll('[data-live]').forEach(follow);
document.querySelectorAll('main form[method=post]:not([data-free])').forEach(guard);
document.addEventListener('keydown', keys);
document.addEventListener('keydown', closeWhatAsks);
document.addEventListener('click', closeWhatAsks);
