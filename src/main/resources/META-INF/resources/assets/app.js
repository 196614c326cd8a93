// Comfort on every page; nothing here is needed for a page to work

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Times in the reader's zone; the page has them in UTC, which stays as the title. */
function showLocalTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    time.textContent = local.format(new Date(time.dateTime));
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

let announcer;

/** Says something to who cannot see the change. */
export function announce(text) {
  announcer ??= Object.assign(document.createElement('p'), { className: 'visually-hidden' });
  announcer.setAttribute('role', 'status');
  if (!announcer.isConnected) document.body.append(announcer);
  announcer.textContent = text;
}

/** Makes HTML that the server sent as comfortable as the page was. */
export function enhance(root) {
  showLocalTimes(root);
  makeCopyable(root);
}

/** A list whose rows are sent anew when they change; one that is being used is left alone until it is not. */
function follow(table) {
  let source;
  const open = () => {
    source = new EventSource(table.dataset.live);
    source.addEventListener('row', event => {
      const row = document.getElementById((table.dataset.rows ?? 'job-') + event.lastEventId);
      if (!row || row.contains(document.activeElement)) return;
      const holder = document.createElement('tbody');
      holder.innerHTML = event.data;
      enhance(holder);
      row.replaceWith(holder.firstElementChild);
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
