// HL7 version 2: messages of segments, fields, repetitions, components and subcomponents, with their escapes. A message is
// data only: { segments: [{ name, fields }] }, where a field is a list of repetitions, a repetition a list of components and a
// component a list of subcomponents, each a string. Numbers in paths count from 1, as in the standard.
'use strict';
(function ({ isArray, freeze }) {
  const PATH = /^([A-Z][A-Z0-9]{2})(?:\[(\d{1,4})\])?(?:-(\d{1,4})(?:\[(\d{1,4})\])?(?:\.(\d{1,4})(?:\.(\d{1,4}))?)?)?$/;
  const DEFAULT = '|^~\\&';
  const MOST_FIELDS = 1000;

  function fail(message) {
    throw new SyntaxError('hl7: ' + message);
  }

  function unescaped(text, delimiters) {
    const [field, component, repetition, escape, subcomponent] = delimiters;
    if (escape === undefined || !text.includes(escape)) return text;
    const plain = { __proto__: null, F: field, S: component, T: subcomponent ?? '&', R: repetition, E: escape, '.br': '\r' };
    let made = '', at = 0;
    while (at < text.length) {
      const start = text.indexOf(escape, at);
      const end = start < 0 ? -1 : text.indexOf(escape, start + 1);
      if (end < 0) return made + text.slice(at);
      made += text.slice(at, start);
      const code = text.slice(start + 1, end);
      if (code in plain) made += plain[code];
      else if (/^X(?:[0-9A-Fa-f]{2})+$/.test(code)) for (let i = 1; i < code.length; i += 2) made += String.fromCharCode(parseInt(code.slice(i, i + 2), 16));
      // Formatting and what a site has agreed on stays as it is
      else made += text.slice(start, end + 1);
      at = end + 1;
    }
    return made;
  }

  function escaped(value, where) {
    if (typeof value === 'number' || typeof value === 'bigint') value = String(value);
    else if (typeof value === 'object' && value !== null && typeof value.toJSON === 'function') value = value.toJSON('');
    if (typeof value !== 'string') throw new TypeError('hl7.stringify: ' + where + ' is ' + (value === null ? 'null' : 'a ' + typeof value) + ', which is no text');
    let made = '';
    for (const character of value) {
      switch (character) {
        case '|': made += '\\F\\'; break;
        case '^': made += '\\S\\'; break;
        case '~': made += '\\R\\'; break;
        case '\\': made += '\\E\\'; break;
        case '&': made += '\\T\\'; break;
        case '\r': made += '\\.br\\'; break;
        case '\n': made += '\\X0A\\'; break;
        default: made += character;
      }
    }
    return made;
  }

  function fieldOf(text, delimiters) {
    const [, component, repetition, , subcomponent] = delimiters;
    return text.split(repetition).map((one) => one.split(component)
        .map((part) => (subcomponent === undefined ? [part] : part.split(subcomponent)).map((value) => unescaped(value, delimiters))));
  }

  function parse(text) {
    if (typeof text !== 'string') throw new TypeError('hl7.parse takes a string, not ' + (text === null ? 'null' : typeof text));
    // As MLLP frames it, and with whichever ends of lines it came through
    const lines = text.replace(/^[\ufeff\u000b]+/, '').replace(/[\u001c\r\n]+$/, '').split(/\r\n|\r|\n/);
    if (!/^MSH.{2,}/.test(lines[0])) fail('a message begins with MSH and its delimiters; this one begins with: ' + lines[0].slice(0, 40));
    const separator = lines[0][3];
    const encoding = lines[0].slice(4).split(separator, 1)[0];
    if (encoding.length < 2 || encoding.length > 5) fail('MSH-2 must have the delimiters of components, repetitions, the escape and subcomponents; it is: ' + encoding.slice(0, 20));
    const delimiters = [separator, ...encoding];
    if (new Set(delimiters).size !== delimiters.length) fail('two of the delimiters in MSH are the same');
    const segments = [];
    for (let i = 0; i < lines.length; i++) {
      if (lines[i] === '') continue;
      const name = lines[i].slice(0, 3);
      if (!/^[A-Z][A-Z0-9]{2}$/.test(name) || lines[i].length > 3 && lines[i][3] !== separator) fail('line ' + (i + 1) + ' is no segment: ' + lines[i].slice(0, 40));
      const parts = lines[i].split(separator);
      segments.push(name === 'MSH'
        ? { name, fields: [[[[separator]]], [[[encoding]]], ...parts.slice(2).map((part) => fieldOf(part, delimiters))] }
        : { name, fields: parts.slice(1).map((part) => fieldOf(part, delimiters)) });
    }
    return { segments };
  }

  function segmentsOf(message, what) {
    if (typeof message !== 'object' || message === null || !isArray(message.segments)) throw new TypeError(what + ' takes a message: { segments: [{ name, fields }] }');
    return message.segments;
  }

  function stringify(message) {
    const lines = [];
    const segments = segmentsOf(message, 'hl7.stringify');
    for (let i = 0; i < segments.length; i++) {
      const { name, fields } = segments[i];
      const where = '$.segments[' + i + ']';
      if (!/^[A-Z][A-Z0-9]{2}$/.test(name) || !isArray(fields)) throw new TypeError('hl7.stringify: ' + where + ' is no segment');
      if ((name === 'MSH') !== (i === 0)) throw new TypeError('hl7.stringify: a message has one MSH, which is its first segment');
      const texts = (name === 'MSH' ? fields.slice(2) : fields).map((field, f) => (isArray(field) ? field : [field]).map((repetition) => (isArray(repetition) ? repetition : [repetition])
          .map((component) => (isArray(component) ? component : [component]).map((value) => escaped(value, where + '.fields[' + f + ']')).join('&')).join('^')).join('~'));
      lines.push(name === 'MSH' ? ['MSH', DEFAULT.slice(1), ...texts].join('|') : [name, ...texts].join('|'));
    }
    if (lines.length === 0) throw new TypeError('hl7.stringify: the message has no segment');
    return lines.join('\r') + '\r';
  }

  function pathOf(path, what) {
    const found = typeof path === 'string' ? PATH.exec(path) : null;
    if (found === null) throw new TypeError(what + " takes a path such as 'PID-5.1', 'OBX[2]-5' or 'PID-3[2].4.2', not " + String(path).slice(0, 40));
    const [, name, ...numbers] = found;
    if (numbers.some((number) => number !== undefined && (Number(number) < 1 || Number(number) > MOST_FIELDS))) throw new RangeError(what + ': the numbers in a path are from 1 to ' + MOST_FIELDS);
    return [name, ...numbers.map((number) => (number === undefined ? undefined : Number(number) - 1))];
  }

  /** The value at a path; '' where there is none, as the standard has it. */
  function get(message, path) {
    const [name, nth = 0, field, repetition = 0, component = 0, subcomponent = 0] = pathOf(path, 'hl7.get');
    if (field === undefined) throw new TypeError("hl7.get takes a path to a field, such as 'PID-5.1'; hl7.all gives segments");
    const segment = segmentsOf(message, 'hl7.get').filter((one) => one.name === name)[nth];
    return segment?.fields[field]?.[repetition]?.[component]?.[subcomponent] ?? '';
  }

  /** The segments of a name, each as a message of its own for hl7.get. */
  function all(message, name) {
    return segmentsOf(message, 'hl7.all').filter((one) => one.name === name).map((segment) => ({ segments: [segment] }));
  }

  function set(message, path, value) {
    const [name, nth = 0, field, repetition = 0, component = 0, subcomponent = 0] = pathOf(path, 'hl7.set');
    if (field === undefined) throw new TypeError("hl7.set takes a path to a field, such as 'PID-5.1'");
    const segments = segmentsOf(message, 'hl7.set');
    const many = segments.filter((one) => one.name === name);
    for (let i = many.length; i <= nth; i++) {
      const made = { name, fields: [] };
      segments.push(made);
      many.push(made);
    }
    let list = many[nth].fields;
    const steps = [field, repetition, component, subcomponent];
    for (let level = 0; level < steps.length; level++) {
      while (list.length <= steps[level]) list.push(level === 3 ? '' : level === 2 ? [''] : level === 1 ? [['']] : [[['']]]);
      if (level < 3) list = list[steps[level]];
    }
    list[steps[3]] = value;
    return message;
  }

  return { hl7: freeze({ parse: freeze(parse), stringify: freeze(stringify), get: freeze(get), set: freeze(set), all: freeze(all) }) };
})
