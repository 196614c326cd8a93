// Colours of scripts that are shown and not edited, and a button that copies them. Without this script they are plain text.
import { parser } from '@lezer/javascript';
import { classHighlighter, highlightCode } from '@lezer/highlight';

/** What is longer stays plain: colours are worth less than a page that answers. */
const MOST_CHARACTERS = 300_000;

function colour(source) {
  const lines = [...source.querySelectorAll('.line')];
  const code = lines.map(line => line.textContent).join('');
  if (code.length > MOST_CHARACTERS) return;
  const coloured = lines.map(() => document.createDocumentFragment());
  let at = 0;
  const put = (text, classes) => {
    if (at >= coloured.length) return;
    coloured[at].append(classes ? Object.assign(document.createElement('span'), { className: classes, textContent: text }) : text);
  };
  highlightCode(code, parser.parse(code), classHighlighter, put, () => {
    coloured[at]?.append('\n');
    at += 1;
  });
  lines.forEach((line, index) => line.replaceChildren(coloured[index]));
}

/** Copies the script as it is stored where the page knows where it is, else as it is shown. */
function addCopy(source) {
  const place = source.closest('section').querySelector('[data-copy-source]');
  if (!place) return;
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet', textContent: 'Copy' });
  button.addEventListener('click', async () => {
    const address = place.dataset.copySource;
    try {
      const text = address ? await (await fetch(address)).text() : source.textContent;
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      // Without https a browser lets no page copy
      button.textContent = 'The browser does not allow copying here';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  place.append(button);
}

for (const source of document.querySelectorAll('pre.source')) {
  colour(source);
  addCopy(source);
}
