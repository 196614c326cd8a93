// Makes an editor of each <textarea data-editor>. The textarea stays what the form sends; without this script it is what people use.
import { basicSetup } from 'codemirror';
import { indentWithTab } from '@codemirror/commands';
import { javascript, javascriptLanguage } from '@codemirror/lang-javascript';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import { search } from '@codemirror/search';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { completions, readContract } from './contract.js';

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'light-dark(#5c6670, #98a4ad)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'light-dark(#8a2c6f, #e89ccb)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'light-dark(#1b6a3a, #8fd6a5)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'light-dark(#8a4b08, #e9b872)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'light-dark(#1f5c9e, #8fc0f5)' },
  { tag: tags.propertyName, color: 'light-dark(#0f6e6b, #7fd6cf)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const look = EditorView.theme({
  '&': {
    color: 'var(--ink)',
    backgroundColor: 'var(--surface)',
    border: '1px solid var(--field-line)',
    borderRadius: 'var(--round)',
    overflow: 'hidden',
    fontSize: '.9rem',
  },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto', maxHeight: 'max(20rem, 68vh)' },
  '.cm-content, .cm-gutter': { minHeight: 'var(--editor-height, 6rem)' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-soft)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--accent-wash)', color: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)',
  },
  '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 22%, transparent)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--sunken)', color: 'var(--ink-soft)', border: '1px solid var(--line)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--field-line)', borderRadius: 'var(--round)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxWidth: 'min(46rem, 88vw)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '.15rem .5rem', lineHeight: '1.5' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--accent-ink)' },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '.85' },
  '.cm-completionInfo': { padding: '.4rem .6rem', maxWidth: '24rem' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { display: 'flex', flexWrap: 'wrap', gap: '.35rem .5rem', alignItems: 'center', padding: '.5rem 2.4rem .5rem .6rem', fontFamily: 'var(--sans)', fontSize: '.9rem' },
  '.cm-panel.cm-search br': { display: 'none' },
  '.cm-panel.cm-search :is(input, button, label)': { margin: '0', fontSize: '.87rem' },
  '.cm-panel.cm-search input.cm-textfield': { flex: '1 1 10rem', minHeight: '1.9rem', padding: '.2rem .5rem', borderRadius: 'var(--round)' },
  '.cm-panel.cm-search label': { display: 'inline-flex', gap: '.3rem', alignItems: 'center', minHeight: '1.75rem' },
  '.cm-panel.cm-search .cm-button': { minHeight: '1.9rem', padding: '.15rem .6rem', borderRadius: 'var(--round)', cursor: 'pointer' },
  '.cm-panel.cm-search [name=close]': { position: 'absolute', top: '.35rem', right: '.35rem', minWidth: '1.75rem', minHeight: '1.75rem', color: 'var(--ink)', cursor: 'pointer' },
  '.cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 30%, transparent)' },
  '.cm-searchMatch-selected': { backgroundColor: 'color-mix(in srgb, var(--warn) 60%, transparent)' },
  '.cm-textfield': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--field-line)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--field-line)' },
  // The library draws these with pictures inside its styles, which the pages' policy does not take
  '.cm-lintRange': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '.2em' },
  '.cm-lintPoint::after': { borderBottomColor: 'var(--bad)' },
  '.cm-diagnostic': { borderLeft: '4px solid var(--bad)', padding: '.3rem .6rem' },
});

let contract;

/** The contract, fetched once a page; without it the editor only completes less. */
function theContract() {
  contract ??= fetch('/api/v1/scripts/asyncjobs.d.ts')
    .then(answer => (answer.ok ? answer.text() : ''))
    .then(readContract, () => new Map());
  return contract;
}

/** A mark where the validator found something. */
function mark(document, line, column, message) {
  const at = document.line(Math.min(Math.max(line ?? 1, 1), document.lines));
  const from = Math.min(at.from + Math.max((column ?? 1) - 1, 0), at.to);
  const word = /^[\w$]+|^./.exec(at.text.slice(from - at.from));
  return { from: word ? from : Math.max(at.from, from - 1), to: from + (word ? word[0].length : 0), severity: 'error', message };
}

const validated = linter(
  async view => {
    const document = view.state.doc;
    if (!document.toString().trim()) return [];
    try {
      const answer = await fetch('/api/v1/scripts/validate', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ script: document.toString() }),
      });
      if (!answer.ok) return [];
      const { problems = [] } = await answer.json();
      return problems.map(problem => mark(document, problem.line, problem.column, problem.message));
    } catch {
      // The service is away for a moment; saving says what is wrong
      return [];
    }
  },
  { delay: 500 },
);

const json = linter(view => {
  const text = view.state.doc.toString();
  try {
    if (text.trim()) JSON.parse(text);
    return [];
  } catch (error) {
    const [, position] = /position (\d+)/.exec(error.message) ?? [];
    const line = view.state.doc.lineAt(Math.min(Number(position ?? text.length), text.length));
    const column = Math.min(Number(position ?? text.length), text.length) - line.from + 1;
    return [mark(view.state.doc, line.number, column, error.message)];
  }
});

function labelOf(textarea) {
  return textarea.labels[0]?.textContent.trim() || textarea.getAttribute('aria-label') || textarea.name;
}

function describe(textarea) {
  const texts = (textarea.getAttribute('aria-describedby') ?? '')
    .split(/\s+/)
    .map(id => document.getElementById(id)?.textContent.trim())
    .filter(Boolean);
  return [...texts, 'Tab indents; press Escape and then Tab to leave.'].join(' ');
}

function edit(textarea) {
  const kind = textarea.dataset.editor || 'javascript';
  const host = document.createElement('div');
  host.className = 'editor';
  host.style.setProperty('--editor-height', `${(Number(textarea.rows) || 6) * 1.35}rem`);
  // In a shadow root the library's styles are style sheets made by script, which need no leave in the pages' policy
  const root = host.attachShadow({ mode: 'open' });
  const attributes = {
    'aria-label': labelOf(textarea),
    'aria-description': describe(textarea),
    spellcheck: 'false',
    autocorrect: 'off',
    autocapitalize: 'off',
  };
  if (textarea.getAttribute('aria-invalid')) attributes['aria-invalid'] = textarea.getAttribute('aria-invalid');
  const view = new EditorView({
    doc: textarea.value,
    root,
    parent: root,
    extensions: [
      basicSetup,
      // Above the text, where nothing of the page stands over it
      search({ top: true }),
      keymap.of([indentWithTab]),
      javascript(),
      syntaxHighlighting(colours),
      look,
      EditorView.contentAttributes.of({ tabindex: '0', ...attributes }),
      kind === 'javascript' ? [validated, javascriptLanguage.data.of({ autocomplete: completions(theContract()) })] : json,
      EditorView.updateListener.of(update => {
        if (!update.docChanged) return;
        textarea.value = update.state.doc.toString();
        textarea.dispatchEvent(new Event('input', { bubbles: true }));
      }),
    ],
  });
  textarea.before(host);
  textarea.hidden = true;
  // Hidden, it could not be focused to say so; the server does
  textarea.required = false;
  for (const label of textarea.labels) label.addEventListener('click', () => view.focus());
  // Of what is wrong inside the text, too: #job-parameters.maxAgeDays
  const links = [...document.querySelectorAll('a[href^="#"]')].filter(
    ({ hash }) => hash.startsWith(`#${textarea.id}`) && /^([.[]|$)/.test(hash.slice(textarea.id.length + 1)),
  );
  for (const link of links) {
    link.addEventListener('click', event => {
      event.preventDefault();
      host.scrollIntoView({ block: 'nearest' });
      view.focus();
    });
  }
  const hint = document.createElement('p');
  hint.className = 'hint';
  hint.textContent = 'Tab indents; Escape, then Tab leaves the editor.';
  host.after(hint);
  return view;
}

/** Begins at the line that the page was opened at. */
function begin(view, number) {
  const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
  view.dispatch({
    selection: { anchor: line.from, head: line.to },
    effects: EditorView.scrollIntoView(line.from, { y: 'center' }),
  });
  view.focus();
}

/** Ctrl+S, or Cmd+S, saves by the form's first button. */
function saveByKey(form) {
  document.addEventListener('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 's') {
      event.preventDefault();
      form.requestSubmit(form.querySelector('.primary'));
    }
  });
}

/** A trial says what came of a text that is not there any more. */
function watchTrial(form) {
  const trial = form.querySelector('.trial');
  const tried = ['script', 'parameters', 'associatedUser', 'timeoutSeconds'];
  if (!trial) return;
  form.addEventListener('input', ({ target }) => {
    if (!tried.includes(target.name)) return;
    trial.classList.add('outdated');
    trial.querySelector('[data-outdated]').hidden = false;
  });
}

const forms = new Set();
for (const textarea of document.querySelectorAll('textarea[data-editor]')) {
  const view = edit(textarea);
  const { form } = textarea;
  if (!form) continue;
  forms.add(form);
  if (form.dataset.line && textarea.name === 'script') begin(view, Number(form.dataset.line));
}
forms.forEach(saveByKey);
forms.forEach(watchTrial);
