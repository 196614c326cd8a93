// Comfort on every page; nothing here is needed for a page to work

const forms = {
  full: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
  time: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' }),
  clock: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }),
};

/** Times in the reader's zone; the page has them in UTC, which stays as the title. */
function showLocalTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    time.textContent = forms[time.dataset.form ?? 'full'].format(new Date(time.dateTime));
  }
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

/** Times that are typed in the reader's zone; without this they are typed in UTC, which the label says. */
function takeLocalTimes(root) {
  for (const field of root.querySelectorAll('input[data-utc]')) {
    const sent = Object.assign(document.createElement('input'), { type: 'hidden', name: field.name, value: field.value });
    const write = () => { sent.value = field.value && new Date(field.value).toISOString(); };
    if (field.value) {
      const at = new Date(`${field.value}Z`);
      field.value = new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
      write();
    }
    field.removeAttribute('name');
    field.removeAttribute('data-utc');
    field.after(sent);
    field.addEventListener('input', write);
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
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
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
  showLocalTimes(root);
  makeCopyable(root);
  takeLocalTimes(root);
  nameZone(root);
}

/**
 * A list whose rows are sent anew when they change; one that is being used is left alone until it is not. With data-most,
 * rows that are new come in by their ids, the greatest first, and what is too much goes.
 */
function follow(table) {
  let source;
  const prefix = table.dataset.rows ?? 'job-';
  const most = Number(table.dataset.most);
  const put = (id, html) => {
    const row = document.getElementById(id);
    if (row?.contains(document.activeElement)) return;
    const holder = document.createElement('template');
    holder.innerHTML = html;
    enhance(holder.content);
    const fresh = holder.content.firstElementChild;
    const body = table.tBodies[0];
    if (row) {
      row.replaceWith(fresh);
    } else if (most) {
      body.insertBefore(fresh, [...body.rows].find(other => other.id < id) ?? null);
      while (body.rows.length > most && !body.lastElementChild.contains(document.activeElement)) {
        body.lastElementChild.remove();
      }
      table.nextElementSibling?.matches('.empty') && table.nextElementSibling.remove();
    }
  };
  const open = () => {
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(table.dataset.live);
    source.addEventListener('row', event => put(prefix + event.lastEventId, event.data));
    const ended = ({ target }) => {
      target.close();
      streamEnded(open);
    };
    source.addEventListener('token-expired', ended);
    source.addEventListener('error', event => {
      // Refused; a connection that was lost is made anew by the browser
      if (event.target.readyState === EventSource.CLOSED) ended(event);
    });
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      source.close();
    } else {
      open();
    }
  });
  open();
}

enhance(document);
document.querySelectorAll('[data-live]').forEach(follow);
document.querySelectorAll('main form[method=post]').forEach(guard);
document.addEventListener('keydown', closeWhatAsks);
document.addEventListener('click', closeWhatAsks);
