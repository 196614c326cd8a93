// XML. The worker's StAX parser reads it, without DTDs and external entities, and gives JSON.
'use strict';
(function ({ host, isArray, getPrototypeOf, ownKeys, freeze, parse: parseJson }) {
  const NAME = /^[\p{L}_][\p{L}\p{N}\p{M}_.·-]*(?::[\p{L}_][\p{L}\p{N}\p{M}_.·-]*)?$/u;
  const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;
  const IN_TEXT = { __proto__: null, '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
  const IN_ATTRIBUTE = { __proto__: null, '&': '&amp;', '<': '&lt;', '"': '&quot;', '\r': '&#13;', '\n': '&#10;', '\t': '&#9;' };
  const MOST_NESTED = 500;

  function optionsOf(given, what, known) {
    if (given === undefined || given === null) return {};
    if (typeof given !== 'object' || isArray(given)) throw new TypeError('The options of ' + what + ' must be an object');
    for (const name of ownKeys(given)) {
      if (!known.includes(name)) throw new TypeError(what + ' has no option "' + String(name) + '"; it has: ' + known.join(', '));
    }
    return given;
  }

  function reading(options, what) {
    const { as = 'object', prefixes = true } = optionsOf(options, what, ['as', 'prefixes']);
    if (as !== 'object' && as !== 'nodes') throw new TypeError('The option as of ' + what + " can be 'object' or 'nodes'");
    return [as === 'nodes', prefixes !== false];
  }

  function textOf(text, what) {
    if (typeof text !== 'string') throw new TypeError(what + ' takes a string, not ' + (text === null ? 'null' : typeof text));
    return text;
  }

  /** JSON of the worker, or what is wrong with the text behind a character that no JSON begins with. */
  function result(json, what) {
    if (json[0] === '!') throw new SyntaxError(what + ': ' + json.slice(1));
    return parseJson(json);
  }

  function parse(text, options) {
    const [nodes, prefixes] = reading(options, 'xml.parse');
    return result(host('xml', textOf(text, 'xml.parse'), nodes, prefixes), 'xml.parse');
  }

  function* elements(text, name, options) {
    const [nodes, prefixes] = reading(options, 'xml.elements');
    const next = host('xmlElements', textOf(text, 'xml.elements'), textOf(name, 'xml.elements'), nodes, prefixes);
    for (let batch = result(next(), 'xml.elements'); batch.length > 0; batch = result(next(), 'xml.elements')) yield* batch;
  }

  function escaped(value, table, where) {
    let text;
    switch (typeof value) {
      case 'string': text = value; break;
      case 'number': case 'bigint': case 'boolean': text = String(value); break;
      case 'object': text = value !== null && typeof value.toJSON === 'function' ? value.toJSON('') : undefined;
    }
    if (typeof text !== 'string') throw new TypeError('xml.stringify: ' + where + ' is ' + (value === null ? 'null' : 'a ' + typeof value) + ', which is no text');
    if (FORBIDDEN.test(text)) throw new TypeError('xml.stringify: ' + where + ' holds a character that XML cannot');
    return text.replace(table === IN_TEXT ? /[&<>\r]/g : /[&<"\r\n\t]/g, (character) => table[character]);
  }

  function nameOf(name, where) {
    if (typeof name !== 'string' || !NAME.test(name)) throw new TypeError('xml.stringify: ' + where + ' has "' + String(name) + '", which is no name in XML');
    return name;
  }

  function isPlain(value) {
    if (typeof value !== 'object' || value === null || isArray(value)) return false;
    const prototype = getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
  }

  function stringify(root, options) {
    const { declaration = true, indent = 0 } = optionsOf(options, 'xml.stringify', ['declaration', 'indent']);
    if (!Number.isInteger(indent) || indent < 0 || indent > 8) throw new TypeError('The option indent of xml.stringify must be a whole number from 0 to 8');
    const parts = declaration ? ['<?xml version="1.0" encoding="UTF-8"?>\n'] : [];

    function line(depth) {
      if (indent > 0) parts.push('\n' + ' '.repeat(indent * depth));
    }

    function element(name, attributes, children, depth, where) {
      if (depth > MOST_NESTED) throw new RangeError('xml.stringify: ' + where + ' is nested more than ' + MOST_NESTED + ' deep');
      nameOf(name, where);
      parts.push('<' + name);
      for (const [attribute, value] of attributes) {
        parts.push(' ' + nameOf(attribute, where) + '="' + escaped(value, IN_ATTRIBUTE, where + '/@' + attribute) + '"');
      }
      if (children.length === 0) return parts.push('/>');
      parts.push('>');
      const mixed = children.some((child) => child.text !== undefined);
      for (const child of children) {
        if (child.text !== undefined) {
          parts.push(escaped(child.text, IN_TEXT, where));
        } else {
          if (!mixed) line(depth + 1);
          child.write(depth + 1);
        }
      }
      if (!mixed) line(depth);
      parts.push('</' + name + '>');
    }

    function fromObject(name, value, depth, where) {
      const attributes = [], children = [];
      if (isPlain(value)) {
        for (const key of Object.keys(value)) {
          const member = value[key];
          if (member === undefined) continue;
          if (key[0] === '@') attributes.push([key.slice(1), member]);
          else if (key === '#text') children.push({ text: member });
          else {
            const many = isArray(member) ? member : [member];
            for (let i = 0; i < many.length; i++) {
              children.push({ write: (below) => fromObject(key, many[i], below, where + '/' + key + (isArray(member) ? '[' + i + ']' : '')) });
            }
          }
        }
      } else if (isArray(value)) {
        throw new TypeError('xml.stringify: ' + where + ' is an array, and an element is one object');
      } else if (value !== null) {
        children.push({ text: value });
      }
      element(name, attributes, children, depth, where);
    }

    function fromNode(node, depth, where) {
      if (!isPlain(node)) throw new TypeError('xml.stringify: ' + where + ' must be a string or { name, attributes, children }');
      const { name, attributes = {}, children = [] } = node;
      element(name, Object.entries(attributes), children.map((child, i) => typeof child === 'string' ? { text: child }
          : { write: (below) => fromNode(child, below, where + '/' + child?.name + '[' + i + ']') }), depth, where);
    }

    if (!isPlain(root)) throw new TypeError('xml.stringify takes an object, such as { order: { item: [] } }');
    const names = Object.keys(root);
    if (typeof root.name === 'string' && isArray(root.children)) fromNode(root, 0, '/' + root.name);
    else if (names.length !== 1 || isArray(root[names[0]])) throw new TypeError('xml.stringify takes an object with one member, the root element');
    else fromObject(names[0], root[names[0]], 0, '/' + names[0]);
    return parts.join('') + (indent > 0 ? '\n' : '');
  }

  return { xml: freeze({ parse: freeze(parse), elements: freeze(elements), stringify: freeze(stringify) }) };
})
