// CSV by Papa Parse. What it only notes, an error here throws; objects are made here, so that no name of a column is special.
'use strict';
(function ({ library, defineProperty, create, isArray, ownKeys, getPrototypeOf }) {
  const Papa = library('papaparse/papaparse.min.js');
  const PARSE = ['header', 'delimiter', 'quote', 'comment', 'skipEmptyLines', 'trim', 'limit'];
  const STRINGIFY = ['header', 'columns', 'delimiter', 'quote', 'newline', 'alwaysQuote', 'guardFormulas'];

  function optionsOf(given, what, known) {
    if (given === undefined || given === null) return create(null);
    if (typeof given !== 'object' || isArray(given)) throw new TypeError('The options of ' + what + ' must be an object, such as { header: true }');
    for (const name of ownKeys(given)) {
      if (!known.includes(name)) throw new TypeError(what + ' has no option "' + String(name) + '"; it has: ' + known.join(', '));
    }
    return given;
  }

  function one(value, name, what, fallback) {
    if (value === undefined) return fallback;
    if (typeof value !== 'string' || value.length !== 1 || value === '\n' || value === '\r') throw new TypeError('The option ' + name + ' of ' + what + ' must be one character');
    return value;
  }

  function record(names, row) {
    const made = {};
    for (let i = 0; i < names.length; i++) {
      defineProperty(made, names[i], { __proto__: null, value: row[i], writable: true, enumerable: true, configurable: true });
    }
    return made;
  }

  function parse(text, options) {
    if (typeof text !== 'string') throw new TypeError('csv.parse takes a string, not ' + (text === null ? 'null' : typeof text));
    const { header, delimiter, quote, comment, skipEmptyLines = true, trim, limit } = optionsOf(options, 'csv.parse', PARSE);
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) throw new TypeError('The option limit of csv.parse must be a whole number above 0');
    const { data, errors } = Papa.parse(text[0] === '\ufeff' ? text.slice(1) : text, {
      delimiter: one(delimiter, 'delimiter', 'csv.parse', ''),
      quoteChar: one(quote, 'quote', 'csv.parse', '"'),
      comments: one(comment, 'comment', 'csv.parse', false),
      skipEmptyLines: skipEmptyLines === true,
      transform: trim === true ? (value) => value.trim() : undefined,
      preview: limit === undefined ? 0 : limit + (header === true ? 1 : 0),
    });
    for (let i = 0; i < errors.length; i++) {
      const { type, message, row } = errors[i];
      // A text with one column has no delimiter to be found
      if (type !== 'Delimiter') throw new SyntaxError('csv.parse: ' + message + (row === undefined ? '' : ' in row ' + (row + 1)));
    }
    if (header !== true && !isArray(header)) return data;
    const rows = [];
    const names = isArray(header) ? header : data[0] ?? [];
    const first = isArray(header) ? 0 : 1;
    const seen = new Set();
    for (let i = 0; i < names.length; i++) {
      if (seen.has(names[i])) throw new SyntaxError('csv.parse: two columns are called "' + names[i] + '"; without the option header each row is an array');
      seen.add(names[i]);
    }
    for (let i = first; i < data.length; i++) {
      if (data[i].length !== names.length) {
        throw new SyntaxError('csv.parse: row ' + (i + 1) + ' has ' + data[i].length + ' fields, and there are ' + names.length + ' columns');
      }
      rows[i - first] = record(names, data[i]);
    }
    return rows;
  }

  function field(value, row, column) {
    switch (typeof value) {
      case 'string': return value;
      case 'boolean': case 'bigint': return String(value);
      case 'number':
        if (Number.isFinite(value)) return String(value);
        break;
      case 'undefined': return '';
      case 'object':
        if (value === null) return '';
        if (typeof value.toJSON === 'function') return field(value.toJSON(''), row, column);
    }
    const shown = typeof value === 'object' ? 'an object' : typeof value === 'number' ? String(value) : 'a ' + typeof value;
    throw new TypeError('csv.stringify: the value at $[' + row + '][' + JSON.stringify(column) + '] is ' + shown + ', which is no field');
  }

  function stringify(rows, options) {
    if (!isArray(rows)) throw new TypeError('csv.stringify takes an array of rows');
    const { header = true, columns, delimiter, quote, newline = '\r\n', alwaysQuote, guardFormulas } = optionsOf(options, 'csv.stringify', STRINGIFY);
    if (newline !== '\r\n' && newline !== '\n') throw new TypeError("The option newline of csv.stringify can be '\\r\\n' or '\\n'");
    if (columns !== undefined && !isArray(columns)) throw new TypeError('The option columns of csv.stringify must be an array of names');
    let names = columns;
    const data = [];
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (isArray(row)) {
        data[i] = row.map((value, column) => field(value, i, column));
        continue;
      }
      const prototype = typeof row === 'object' && row !== null ? getPrototypeOf(row) : undefined;
      if (prototype !== Object.prototype && prototype !== null) throw new TypeError('csv.stringify: the row at $[' + i + '] must be an array or an object');
      names ??= Object.keys(row);
      if (columns === undefined) {
        for (const name of Object.keys(row)) {
          if (!names.includes(name)) throw new TypeError('csv.stringify: the row at $[' + i + '] has "' + name + '", which the first row does not have; name all columns with the option columns');
        }
      }
      data[i] = names.map((name) => field(Object.hasOwn(row, name) ? row[name] : undefined, i, name));
    }
    const all = header === true && names !== undefined ? [names.map((name) => field(name, 0, name)), ...data] : data;
    return Papa.unparse(all, {
      delimiter: one(delimiter, 'delimiter', 'csv.stringify', ','),
      quoteChar: one(quote, 'quote', 'csv.stringify', '"'),
      newline,
      quotes: alwaysQuote === true,
      escapeFormulae: guardFormulas === true,
    });
  }

  return { csv: Object.freeze({ parse: Object.freeze(parse), stringify: Object.freeze(stringify) }) };
})
