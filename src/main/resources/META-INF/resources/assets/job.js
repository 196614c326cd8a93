// A run that goes on: its log as it comes, and the rest of the page when it has ended
// The one that the page has, by its version: another address would be another module
const { announce, enhance, streamEnded } = await import(`./app.js${new URL(import.meta.url).search}`);

const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** As the server writes what cannot be seen, or would reorder what can. */
function visible(text) {
  return text.replace(UNSEEN, unseen => `\u27e8U+${unseen.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}\u27e9`);
}

function entry(line) {
  const item = document.createElement('li');
  item.className = line.level;
  const time = document.createElement('time');
  time.dateTime = line.at;
  time.title = `${line.at.slice(0, 19).replace('T', ' ')} UTC`;
  time.dataset.form = 'clock';
  const level = Object.assign(document.createElement('b'), { textContent: line.level });
  const text = Object.assign(document.createElement('bdi'), { textContent: visible(line.text) });
  item.append(time, ' ', level, ' ', text);
  if ('data' in line) {
    item.append(' ', Object.assign(document.createElement('code'), { textContent: visible(JSON.stringify(line.data)) }));
  }
  const holder = document.createDocumentFragment();
  holder.append(item);
  enhance(holder);
  return holder;
}

/** Puts in what the page says now, but for the log, which is there already. */
async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-part]')) {
    const fresh = page.getElementById(part.id);
    if (fresh) {
      enhance(fresh);
      part.replaceWith(fresh);
    }
  }
}

function follow(log) {
  let source;
  const sign = document.querySelector('.following');
  const nothing = document.querySelector('[data-nothing]');
  let begun = false;
  if (nothing) nothing.textContent = 'Nothing yet.';
  const line = event => {
    // The stream begins with what the page has already; after a lost connection it goes on where it was
    if (!begun) log.replaceChildren();
    begun = true;
    nothing?.remove();
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(entry(JSON.parse(event.data)));
    if (atEnd) log.scrollTop = log.scrollHeight;
  };
  const end = async () => {
    source.close();
    sign.hidden = true;
    if (!begun && nothing) nothing.textContent = 'No log output.';
    await refresh();
    announce('The run has ended');
  };
  const open = () => {
    source = new EventSource(log.dataset.follow);
    begun = false;
    sign.hidden = false;
    const ended = () => {
      source.close();
      sign.hidden = true;
      streamEnded(open);
    };
    source.addEventListener('line', line);
    source.addEventListener('end', end);
    source.addEventListener('token-expired', ended);
    source.addEventListener('error', () => {
      // Refused; a connection that was lost is made anew by the browser
      if (source.readyState === EventSource.CLOSED) ended();
    });
  };
  open();
}

document.querySelectorAll('[data-follow]').forEach(follow);
