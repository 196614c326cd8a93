// The log of a run: the entries that are looked at, out of however many; what comes while the run goes on; filter, find, copy
// The one that the page has, by its version: another address would be another module
const { announce, enhance, streamEnded } = await import(`./app.js${new URL(import.meta.url).search}`);

const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const RANK = { debug: 0, info: 1, warn: 2, error: 3 };

/** Entries that are drawn and forgotten together. */
const BLOCK = 200;
const LINE_HEIGHT = 20;

/** As the server writes what cannot be seen, or would reorder what can. */
function visible(text) {
  return text.replace(UNSEEN, unseen => `\u27e8U+${unseen.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}\u27e9`);
}

function element(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}

/** An entry as the stream has it, as it is shown. */
function fromStream(line) {
  const entry = { at: line.at, level: line.level, text: visible(line.text) };
  if ('data' in line) entry.data = visible(JSON.stringify(line.data));
  return entry;
}

function fromPage(item) {
  const entry = { at: item.querySelector('time').dateTime, level: item.className, text: item.querySelector('bdi').textContent };
  const data = item.querySelector('code');
  if (data) entry.data = data.textContent;
  return entry;
}

function draw(entry) {
  const item = document.createElement('li');
  item.className = entry.level;
  const time = document.createElement('time');
  time.dateTime = entry.at;
  time.title = `${entry.at.slice(0, 19).replace('T', ' ')} UTC`;
  time.dataset.form = 'clock';
  item.append(time, ' ', element('b', entry.level), ' ', element('bdi', entry.text));
  if (entry.data !== undefined) item.append(' ', element('code', entry.data));
  return item;
}

/** What of a log is on the page: blocks of entries, of which only those in sight have elements. */
class LogWindow {
  entries = [];
  /** Those that the filter takes. */
  shown = [];
  blocks = [];
  level = 0;
  words = '';
  /** Places in shown. */
  matches = [];
  current = -1;

  constructor(root) {
    this.root = root;
    this.seen = new IntersectionObserver(
      changes => {
        for (const { target, isIntersecting } of changes) {
          if (target.block) (isIntersecting ? this.fill(target.block) : this.empty(target.block));
        }
      },
      { root, rootMargin: '800px 0px' },
    );
  }

  takes(entry) {
    return (RANK[entry.level] ?? 1) >= this.level;
  }

  /** Starts anew with all entries, where the reader is. */
  show() {
    const fromEnd = this.root.scrollHeight - this.root.scrollTop;
    const atTop = this.root.scrollTop < this.root.scrollHeight / 2;
    this.rebuild();
    if (atTop) return;
    this.fill(this.blocks.at(-1));
    this.root.scrollTop = this.root.scrollHeight - fromEnd;
  }

  rebuild() {
    this.seen.disconnect();
    this.blocks = [];
    this.shown = this.entries.filter(entry => this.takes(entry));
    this.root.replaceChildren();
    for (let from = 0; from < this.shown.length; from += BLOCK) this.begin(from, Math.min(from + BLOCK, this.shown.length));
    this.find(this.words);
  }

  begin(from, to) {
    const block = { from, to, list: document.createElement('ol'), filled: false };
    block.list.start = from + 1;
    block.list.block = block;
    this.blocks.push(block);
    this.size(block);
    this.root.append(block.list);
    this.seen.observe(block.list);
    return block;
  }

  size(block) {
    block.list.style.height = `${(block.to - block.from) * LINE_HEIGHT}px`;
  }

  fill(block) {
    if (!block || block.filled) return;
    block.filled = true;
    block.list.style.height = '';
    this.drawInto(block, block.from);
  }

  drawInto(block, from) {
    const holder = document.createDocumentFragment();
    for (let at = from; at < block.to; at++) {
      const item = draw(this.shown[at]);
      if (this.words && this.holds(this.shown[at])) item.classList.add('match');
      if (at === this.matches[this.current]) item.classList.add('current');
      holder.append(item);
    }
    enhance(holder);
    block.list.append(holder);
  }

  empty(block) {
    if (!block.filled || block.list.contains(getSelection().anchorNode)) return;
    block.filled = false;
    block.list.style.height = `${block.list.offsetHeight}px`;
    block.list.replaceChildren();
  }

  /** Entries that came: one change of the page, however many they are. */
  add(fresh) {
    const atEnd = this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 40;
    this.entries.push(...fresh);
    for (const entry of fresh) {
      if (!this.takes(entry)) continue;
      this.shown.push(entry);
      if (this.words && this.holds(entry)) this.matches.push(this.shown.length - 1);
    }
    let last = this.blocks.at(-1);
    while ((last?.to ?? 0) < this.shown.length) {
      if (!last || last.to - last.from >= BLOCK) last = this.begin(last?.to ?? 0, last?.to ?? 0);
      const from = last.to;
      last.to = Math.min(last.from + BLOCK, this.shown.length);
      if (last.filled) this.drawInto(last, from);
      else this.size(last);
    }
    if (atEnd) this.toEnd();
    this.onFound?.();
  }

  toEnd() {
    this.fill(this.blocks.at(-1));
    this.root.scrollTop = this.root.scrollHeight;
  }

  holds(entry) {
    return entry.text.toLowerCase().includes(this.words) || (entry.data?.toLowerCase().includes(this.words) ?? false);
  }

  find(words) {
    this.words = words.toLowerCase();
    this.matches = [];
    this.current = -1;
    if (this.words) {
      this.shown.forEach((entry, at) => {
        if (this.holds(entry)) this.matches.push(at);
      });
    }
    this.drawAnew();
    this.onFound?.();
  }

  drawAnew() {
    for (const block of this.blocks.filter(({ filled }) => filled)) {
      block.list.replaceChildren();
      this.drawInto(block, block.from);
    }
  }

  /** The next match, or the one before. */
  go(step) {
    if (!this.matches.length) return;
    this.current = (this.current + step + this.matches.length) % this.matches.length;
    const at = this.matches[this.current];
    const block = this.blocks[Math.floor(at / BLOCK)];
    this.fill(block);
    this.root.querySelector('li.current')?.classList.remove('current');
    const item = block.list.children[at - block.from];
    item.classList.add('current');
    item.scrollIntoView({ block: 'center' });
    this.onFound?.();
  }

  asText() {
    return this.shown
      .map(({ at, level, text, data }) => [at, level.toUpperCase().padEnd(5), text, data].filter(part => part !== undefined).join(' '))
      .join('\n');
  }
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

/** The events of a stream as they come, many at once where many come at once; begins behind the one with that id. */
async function read(address, after, take) {
  const headers = { Accept: 'text/event-stream' };
  if (after) headers['Last-Event-ID'] = after;
  const answer = await fetch(address, { headers });
  if (!answer.ok) return false;
  const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
    text += piece.value;
    const end = text.lastIndexOf('\n\n');
    if (end < 0) continue;
    const events = text.slice(0, end).split('\n\n').map(event => {
      const fields = {};
      for (const line of event.split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
      }
      return fields;
    });
    text = text.slice(end + 2);
    take(events.filter(({ event }) => event));
  }
  return true;
}

/** An entry as the log has it as text: when, the level in five characters, what was said. */
function fromText(line) {
  const at = line.indexOf(' ');
  return { at: line.slice(0, at), level: line.slice(at + 1, at + 6).trim().toLowerCase(), text: visible(line.slice(at + 7)) };
}

/** The log of a run that has ended, in one go: as text it comes much faster than as events. */
async function load(log) {
  const answer = await fetch(log.root.dataset.log, { headers: { Accept: 'text/plain' } });
  if (!answer.ok) return;
  log.entries = (await answer.text()).split('\n').filter(Boolean).map(fromText);
  log.show();
}

/** The log of a run that goes on, and what comes. */
function follow(log) {
  const sign = document.querySelector('.following');
  const nothing = document.querySelector('[data-nothing]');
  let after;
  let over = false;
  let begun = false;
  let waiting = [];
  if (nothing) nothing.textContent = 'Nothing yet.';
  const put = () => {
    const fresh = waiting;
    waiting = [];
    if (!fresh.length) return;
    // The stream begins with what the page has already; after a lost connection it goes on where it was
    if (!begun) log.rebuild();
    begun = true;
    nothing?.remove();
    log.add(fresh);
  };
  const end = async () => {
    over = true;
    sign.hidden = true;
    put();
    if (!begun && nothing) nothing.textContent = 'No log output.';
    await refresh();
    announce('The run has ended');
  };
  const take = events => {
    const idle = !waiting.length;
    for (const { event, id, data } of events) {
      if (event === 'line') {
        after = id;
        waiting.push(fromStream(JSON.parse(data)));
      } else if (event === 'end') {
        end();
      }
    }
    if (idle && waiting.length) requestAnimationFrame(put);
  };
  const open = async () => {
    sign.hidden = false;
    let answered = true;
    try {
      answered = await read(log.root.dataset.log, after, take);
    } catch {
      // The connection was lost
      setTimeout(open, 3000);
      return;
    }
    if (over) return;
    sign.hidden = true;
    // Refused, or ended with the token
    streamEnded(open);
  };
  open();
}

/** Filter, find and copy. */
function equip(log, tools) {
  const found = tools.querySelector('output');
  const find = tools.querySelector('input');
  log.onFound = () => {
    const filtered = log.level ? `${log.shown.length.toLocaleString()} of ${log.entries.length.toLocaleString()} entries` : '';
    const matches = log.words ? `${log.current < 0 ? '' : `${(log.current + 1).toLocaleString()} of `}${log.matches.length.toLocaleString()} found` : '';
    found.textContent = [matches, filtered].filter(Boolean).join(', ');
  };
  tools.querySelector('select').addEventListener('change', ({ target }) => {
    log.level = RANK[target.value] ?? 0;
    log.rebuild();
    log.root.scrollTop = 0;
  });
  let typing;
  find.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      log.find(find.value);
      log.go(1);
    }, 150);
  });
  find.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    log.go(event.shiftKey ? -1 : 1);
  });
  tools.querySelector('[data-next]').addEventListener('click', () => log.go(1));
  tools.querySelector('[data-previous]').addEventListener('click', () => log.go(-1));
  tools.querySelector('[data-copy-log]').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(log.asText());
      found.textContent = `${log.shown.length.toLocaleString()} entries copied`;
    } catch {
      // Without https a browser lets no page copy
      found.textContent = 'The browser does not allow copying here. Use Download.';
    }
  });
  tools.hidden = false;
}

for (const root of document.querySelectorAll('[data-log]')) {
  const log = new LogWindow(root);
  const partial = 'partial' in root.dataset;
  if ('goesOn' in root.dataset) {
    follow(log);
  } else if (partial) {
    // Without it the page has the beginning, the end, and links to the pages of the log
    load(log).catch(() => {});
  } else {
    log.entries = [...root.querySelectorAll('li')].map(fromPage);
    log.shown = log.entries;
  }
  const tools = document.querySelector('[data-log-tools]');
  if (tools && ('goesOn' in root.dataset || partial || log.entries.length > 1)) equip(log, tools);
}
