// Evaluated first in every context: takes what it needs of the built-ins while they are pristine, lays out the globals of
// the contract and hands the worker the functions that drive a run. A script may poison any prototype afterwards;
// nothing below looks anything up on one. To add a host function: one line in "The contract" that names it and says
// how its arguments become JSON.
(function (hostLog, hostCall, hostTimer, hostSucceed, hostFail, hostUnhandled, hostDescribe, hostTrace, hostNumbers, hostRecode,
  hostPlatform, platformNames, parametersJson, contextJson, maxPending) {
  'use strict';

  // ---- Pristine built-ins ----
  const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
  const { parse, stringify } = JSON;
  const { create, freeze, hasOwn, is, keys } = Object;
  const { isArray } = Array;
  const { isFinite, isNaN } = Number;
  const ObjectPrototype = Object.prototype, ErrorPrototype = Error.prototype;
  const PromiseOf = Promise;
  const then = Promise.prototype.then;
  const ErrorOf = Error, TypeErrorOf = TypeError, RangeErrorOf = RangeError, SyntaxErrorOf = SyntaxError;
  const StringOf = String, NumberOf = Number;
  const { isWellFormed, indexOf, slice, charCodeAt } = String.prototype;
  const objectToString = Object.prototype.toString;
  const symbolToString = Symbol.prototype.toString;
  const booleanValueOf = Boolean.prototype.valueOf;
  const numberToString = Number.prototype.toString;
  const getTime = Date.prototype.getTime;
  const none = create(null);

  function hidden(value) {
    const descriptor = create(null);
    descriptor.value = value;
    descriptor.writable = true;
    descriptor.configurable = true;
    return descriptor;
  }

  // ---- Values as JSON ----
  // A value crosses exactly or not at all. What JSON cannot hold is refused with its path; the log, which must not fail a
  // run, shows it as text in brackets instead.

  // With those around it, so that it stays below what the node's parsers take
  const MOST_NESTED = 900;
  const INSTEAD = freeze({
    __proto__: null,
    undefined: 'use null',
    BigInt: 'give it as text: String(value)',
    Promise: 'await it',
    Map: 'use Object.fromEntries(map)',
    Set: 'use [...set]',
    Error: 'use its message',
    Uint8Array: 'give it as text: bytes.toBase64()',
    ArrayBuffer: 'give it as text: new Uint8Array(buffer).toBase64()',
    URLSearchParams: 'give it as text: String(value)',
  });

  function walkOf(what, lenient, bigInts) {
    const walk = create(null);
    walk.what = what;
    walk.lenient = lenient;
    walk.bigInts = bigInts;
    walk.depth = 0;
    walk.holders = create(null);
    walk.names = create(null);
    return walk;
  }

  function isName(text) {
    for (let i = 0; i < text.length; i++) {
      const c = apply(charCodeAt, text, [i]);
      if (!(c >= 97 && c <= 122 || c >= 65 && c <= 90 || c === 95 || c === 36 || i > 0 && c >= 48 && c <= 57)) return false;
    }
    return text.length > 0;
  }

  function pathOf(walk) {
    let path = '$';
    for (let i = 0; i < walk.depth; i++) {
      const name = walk.names[i];
      if (typeof name === 'number') path += '[' + name + ']';
      else path += isName(name) ? '.' + name : '[' + stringify(name) + ']';
    }
    return path;
  }

  function refuse(walk, thing, kind) {
    if (walk.lenient) return stringify('[' + thing + ']');
    const instead = INSTEAD[kind];
    throw new TypeErrorOf(walk.what + ' at ' + pathOf(walk) + ' is ' + thing + ', which JSON cannot hold' + (instead === undefined ? '' : ': ' + instead));
  }

  /** Half a surrogate pair as it would be written in a source, so that it is seen. */
  function visible(text) {
    if (apply(isWellFormed, text, none)) return text;
    let shown = '';
    for (let i = 0; i < text.length; i++) {
      const c = apply(charCodeAt, text, [i]);
      if (c < 0xd800 || c > 0xdfff) {
        shown += text[i];
      } else if (c < 0xdc00 && i + 1 < text.length && (apply(charCodeAt, text, [i + 1]) & 0xfc00) === 0xdc00) {
        shown += text[i] + text[++i];
      } else {
        shown += '\\u' + apply(numberToString, c, [16]);
      }
    }
    return shown;
  }

  function textToJson(text, walk) {
    if (!apply(isWellFormed, text, none)) {
      if (walk.lenient) return stringify(visible(text));
      throw new TypeErrorOf(walk.what + ' at ' + pathOf(walk) + ' holds half of a surrogate pair, which no text may: it was cut in the middle of a character');
    }
    return stringify(text);
  }

  // As text, minus zero loses its sign
  function numberToJson(value) {
    return value === 0 && 1 / value < 0 ? '-0' : StringOf(value);
  }

  function valueToJson(value, name, walk) {
    switch (typeof value) {
      case 'string': return textToJson(value, walk);
      case 'number': return isFinite(value) ? numberToJson(value) : refuse(walk, StringOf(value), 'number');
      case 'boolean': return value ? 'true' : 'false';
      case 'undefined': return refuse(walk, 'undefined', 'undefined');
      case 'bigint':
        if (walk.bigInts) return StringOf(value);
        if (typeof value.toJSON === 'function') return valueToJson(value.toJSON(name), name, walk);
        return refuse(walk, walk.lenient ? StringOf(value) + 'n' : 'a BigInt', 'BigInt');
      case 'object': return value === null ? 'null' : objectToJson(value, name, walk);
      default: return refuse(walk, 'a ' + typeof value, typeof value);
    }
  }

  function objectToJson(value, name, walk) {
    for (let i = 0; i < walk.depth; i++) {
      if (walk.holders[i] === value) return refuse(walk, 'circular', 'circular');
    }
    if (walk.depth >= MOST_NESTED) return refuse(walk, 'nested more than ' + MOST_NESTED + ' deep', 'nested');
    const list = isArray(value);
    const prototype = getPrototypeOf(value);
    let kind = 'Object';
    if (!list && prototype !== ObjectPrototype && prototype !== null) {
      kind = apply(slice, apply(objectToString, value, none), [8, -1]);
      if (walk.lenient && hostDescribe(value) !== null) return stringify(visible(errorText(value)));
      if (kind === 'Date' && isNaN(apply(getTime, value, none))) return refuse(walk, 'an invalid Date', kind);
    }
    const { toJSON } = value;
    if (typeof toJSON === 'function') {
      const replaced = apply(toJSON, value, [name]);
      if (replaced !== value) return typeof replaced === 'object' && replaced !== null ? membersToJson(replaced, isArray(replaced), walk) : valueToJson(replaced, name, walk);
    }
    switch (kind) {
      case 'Object': break;
      case 'Number': return valueToJson(NumberOf(value), name, walk);
      case 'String': return valueToJson(StringOf(value), name, walk);
      case 'Boolean': return valueToJson(apply(booleanValueOf, value, none), name, walk);
      default: return refuse(walk, (apply(indexOf, 'AEIO', [kind[0]]) < 0 ? 'a ' : 'an ') + kind, kind);
    }
    return membersToJson(value, list, walk);
  }

  function membersToJson(value, list, walk) {
    const depth = walk.depth++;
    walk.holders[depth] = value;
    let json = '';
    if (list) {
      const { length } = value;
      for (let i = 0; i < length; i++) {
        walk.names[depth] = i;
        json += (i === 0 ? '' : ',') + valueToJson(value[i], StringOf(i), walk);
      }
      json = '[' + json + ']';
    } else {
      const names = keys(value);
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        const member = value[name];
        // As everywhere in the language: it reads the same when it is not there
        if (member === undefined) continue;
        walk.names[depth] = name;
        json += (json === '' ? '' : ',') + textToJson(name, walk) + ':' + valueToJson(member, name, walk);
      }
      json = '{' + json + '}';
    }
    walk.depth = depth;
    return json;
  }

  function toJson(value, what, bigInts = false) {
    return valueToJson(value, '', walkOf(what, false, bigInts));
  }

  function stringToJson(value, what) {
    if (typeof value !== 'string') throw new TypeErrorOf(what + ' must be a string, not ' + (value === null ? 'null' : typeof value));
    return toJson(value, what);
  }

  /**
   * What JSON says, unless it holds an integer that a number cannot hold: then it throws and names the path, or gives such
   * integers as text.
   *
   * @param how 'own' of what scripts may have written, 'foreign' of anything else, 'text' for such numbers as text
   */
  function parseExact(text, what, how) {
    const said = hostNumbers(text, how);
    if (said === null) return parse(text);
    if (how === 'text') return parse(said);
    throw new RangeErrorOf(what + said);
  }

  // ---- Values as text ----
  function isError(value) {
    return typeof value === 'object' && value !== null && hostDescribe(value) !== null;
  }

  function describe(value) {
    switch (typeof value) {
      case 'string': return visible(value);
      case 'symbol': return visible(apply(symbolToString, value, none));
      case 'function': return '[function]';
      case 'object':
        if (value !== null) {
          if (hostDescribe(value) !== null) return visible(errorText(value));
          try {
            return valueToJson(value, '', walkOf('', true, false));
          } catch {
            return '[object]';
          }
        }
    }
    return StringOf(value);
  }

  const MOST_RELATED = 8;
  const TOLD_BY_ITSELF = freeze({ __proto__: null, name: true, message: true, stack: true, cause: true, errors: true });

  /** A property of its own that holds a value: a getter is not asked, since it may never answer. */
  function ownValue(of, name) {
    try {
      const descriptor = getOwnPropertyDescriptor(of, name);
      return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * What the engine does not tell of an error: the names of its classes, since where such a class's constructor was called is
   * where the error is from, and the text of its stack, which has the callers that await.
   */
  function toldOf(error) {
    let names = '', count = 0;
    for (let p = getPrototypeOf(error); p !== null && p !== ErrorPrototype && count < MOST_RELATED; p = getPrototypeOf(p), count++) {
      const constructor = ownValue(p, 'constructor');
      const name = typeof constructor === 'function' ? ownValue(constructor, 'name') : undefined;
      if (typeof name === 'string') names += name + '\n';
    }
    // The engine writes it when it is asked for, and reads the message then
    const message = getOwnPropertyDescriptor(error, 'message');
    const stack = message === undefined || hasOwn(message, 'value') ? ownValue(error, 'stack') : undefined;
    return names + '\f' + (typeof stack === 'string' ? stack : '');
  }

  /** An error's own message with the fields that the script or a host function gave it. */
  function headOf(error) {
    const message = hostDescribe(error);
    if (message === null) return 'The value ' + describe(error);
    let fields = '', count = 0;
    const names = keys(error);
    for (let i = 0; i < names.length && count < MOST_RELATED; i++) {
      const name = names[i], value = ownValue(error, name);
      if (TOLD_BY_ITSELF[name] || typeof value === 'object' || typeof value === 'function' || typeof value === 'undefined') continue;
      fields += (count++ === 0 ? '' : ', ') + name + ': ' + describe(value);
    }
    return message + (count === 0 ? '' : ' (' + fields + ')');
  }

  /** The errors behind an error: its cause and the members of an aggregate, with theirs, each with the word for it. */
  function relatedTo(error) {
    const found = [];
    const seen = create(null);
    let count = 0;
    function add(word, other) {
      for (let i = 0; i < count; i++) if (is(seen[i], other)) return;
      if (count >= MOST_RELATED) return;
      seen[count++] = other;
      defineProperty(found, found.length, { __proto__: null, value: freeze([word, other, isError(other) ? toldOf(other) : '']), enumerable: true });
      visit(other);
    }
    function visit(of) {
      if (!isError(of)) return;
      const errors = ownValue(of, 'errors');
      if (isArray(errors)) {
        for (let i = 0; i < errors.length && i < MOST_RELATED; i++) add('one of them', ownValue(errors, i));
      }
      const cause = ownValue(of, 'cause');
      if (cause !== undefined) add('caused by', cause);
    }
    seen[count++] = error;
    visit(error);
    return found;
  }

  function messageOf(error) {
    const related = relatedTo(error);
    let text = headOf(error);
    for (let i = 0; i < related.length; i++) text += '; ' + related[i][0] + ': ' + headOf(related[i][1]);
    return text;
  }

  function traceOf(error) {
    const trace = isError(error) ? hostTrace(error, toldOf(error)) : null;
    return trace === null ? '' : '\n' + trace;
  }

  /** An error as a log shows it: message and stack, then those behind it. */
  function errorText(error) {
    const related = relatedTo(error);
    let text = headOf(error) + traceOf(error);
    for (let i = 0; i < related.length; i++) text += '\n' + related[i][0] + ': ' + headOf(related[i][1]) + traceOf(related[i][1]);
    return text;
  }

  function deepFreeze(root) {
    if (typeof root !== 'object' || root === null) return root;
    const open = create(null);
    let count = 0;
    open[count++] = root;
    while (count > 0) {
      const value = freeze(open[--count]);
      const names = ownKeys(value);
      for (let i = 0; i < names.length; i++) {
        const child = value[names[i]];
        if (typeof child === 'object' && child !== null) open[count++] = child;
      }
    }
    return root;
  }

  // ---- Calls that the node carries out ----
  const waiting = create(null);
  let lastId = 0, pending = 0;

  function parsed(text) {
    return text === null ? null : parse(text);
  }

  /** What the job keeps may be older than the rule for it. Of rows the node has looked at each number. */
  function parsedExactly(text) {
    return text === null ? null : parseExact(text, 'The answer', 'own');
  }

  function register(resolve, reject, failure, read) {
    if (pending >= maxPending) throw new RangeErrorOf('More than ' + maxPending + ' calls at once');
    const entry = create(null);
    entry.resolve = resolve;
    entry.reject = reject;
    entry.failure = failure;
    entry.read = read;
    const id = ++lastId;
    waiting[id] = entry;
    pending++;
    return id;
  }

  function take(id) {
    const entry = waiting[id];
    delete waiting[id];
    pending--;
    return entry;
  }

  /**
   * @param read makes of the answer's text what the script is given; what it throws is the call's failure
   * @param failure thrown when the answer is a failure; made where the script's own frames are on the stack
   */
  function callHost(name, argumentsToJson, read = parsed, failure = new ErrorOf(name)) {
    return new PromiseOf((resolve, reject) => {
      const json = argumentsToJson();
      const id = register(resolve, reject, failure, read);
      const refused = hostCall(id, name, json, failure);
      if (refused !== null) {
        take(id);
        throw new RangeErrorOf(refused);
      }
    });
  }

  function settle(id, succeeded, text) {
    const entry = take(id);
    let value;
    if (succeeded) {
      const { read } = entry;
      try {
        value = read(text);
      } catch ({ message }) {
        succeeded = false;
        text = message;
      }
    }
    if (succeeded) {
      entry.resolve(value);
    } else {
      const failure = entry.failure;
      const stack = failure.stack;
      const end = apply(indexOf, text, ['\0']);
      if (end >= 0) {
        // Behind it stand fields of the error, see HostCallException
        const fields = parse(apply(slice, text, [end + 1]));
        const names = ownKeys(fields);
        for (let i = 0; i < names.length; i++) {
          const field = hidden(fields[names[i]]);
          field.enumerable = true;
          defineProperty(failure, names[i], field);
        }
        text = apply(slice, text, [0, end]);
      }
      defineProperty(failure, 'message', hidden(text));
      if (typeof stack === 'string') {
        const line = apply(indexOf, stack, ['\n']);
        defineProperty(failure, 'stack', hidden('Error: ' + text + (line < 0 ? '' : apply(slice, stack, [line]))));
      }
      entry.reject(failure);
    }
  }

  function sleep(ms) {
    return new PromiseOf((resolve) => {
      if (typeof ms !== 'number' || !isFinite(ms) || ms < 0) throw new TypeErrorOf('sleep takes a number of milliseconds, 0 or more');
      startTimer(resolve, ms, 'sleep', false);
    });
  }

  /** @param quiet whether a run that ends before it says nothing of it */
  function startTimer(wakeUp, ms, name, quiet) {
    const id = register(wakeUp, undefined, new ErrorOf(name), parsed);
    hostTimer(id, ms, quiet);
    return id;
  }

  function stopTimer(id) {
    take(id);
    hostTimer(id, -1, true);
  }

  function wake(id) {
    const { resolve } = take(id);
    resolve();
  }

  /** An error made where the script began what has no answer yet; null when nothing waits. */
  function where() {
    const ids = ownKeys(waiting);
    return ids.length === 0 ? null : waiting[ids[0]].failure;
  }

  // ---- The log ----
  let logging = true, indentation = '';

  function write(level, text, data) {
    if (!logging) return;
    let json = null;
    if (data !== undefined) {
      try {
        json = valueToJson(data, '', walkOf('', true, false));
      } catch {
        json = '"[object]"';
      }
    }
    logging = hostLog(level, text, json);
  }

  function logAt(level) {
    return freeze((message, ...data) => {
      if (data.length === 0 && isError(message)) write(level, visible(messageOf(message)), message);
      else write(level, isError(message) ? visible(messageOf(message)) : describe(message), data.length < 2 ? data[0] : data);
    });
  }

  function consoleAt(level) {
    return freeze((...values) => {
      let text = indentation;
      for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ' ') + describe(values[i]);
      write(level, text, undefined);
    });
  }

  // ---- The platform ----
  // What a script may name besides the language and the contract; see platform/platform.js

  function layPlatform() {
    function toStringTag(type, name) {
      defineProperty(type.prototype, Symbol.toStringTag, { __proto__: null, value: name, configurable: true });
    }

    function group(by) {
      const length = indentation.length + 2 * by;
      if (length >= 0 && length <= 40) indentation = by > 0 ? indentation + '  ' : apply(slice, indentation, [2]);
    }

    const platform = hostPlatform('room', 'platform');
    platform(parse(platformNames), {
      host: hostPlatform, startTimer, stopTimer, describe, console, group, bytesOf, toStringTag, hidden, parse,
      apply, create, defineProperty, getPrototypeOf, isArray, ownKeys, freeze,
      allocate: (length) => new ArrayBuffer(length),
      failUncaught: (reason) => {
        if (!failWith(hostUnhandled, reason, 'thrown in a callback')) write(3, 'A callback threw: ' + describe(reason), undefined);
      },
    });
  }

  // ---- Calls over connections ----
  // In a function of its own, so that its many names stay here
  const { reading, changing, form, multipart, query, execute, batch, optionsOf, sign, bytesOf } = (() => {
    const { isView } = ArrayBuffer;
    const Bytes = Uint8Array;
    const { fromCharCode } = StringOf;
    const { isInteger } = NumberOf;
    const encode = encodeURIComponent;
    const getter = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
    const typedArray = getPrototypeOf(Bytes.prototype);
    const bufferOf = [getter(typedArray, 'buffer'), getter(DataView.prototype, 'buffer')];
    const offsetOf = [getter(typedArray, 'byteOffset'), getter(DataView.prototype, 'byteOffset')];
    const lengthOf = [getter(typedArray, 'byteLength'), getter(DataView.prototype, 'byteLength')];
    const typeTag = getter(typedArray, Symbol.toStringTag);
    const bufferLength = getter(ArrayBuffer.prototype, 'byteLength');
    const CHUNK = 8192;

    function shown(value) {
      const descriptor = hidden(value);
      descriptor.enumerable = true;
      return descriptor;
    }

    // The options of a call: none but those that are known
    // A map, or what an object inherits, would be left out silently
    function plain(value, what) {
      const prototype = getPrototypeOf(value);
      if (prototype !== ObjectPrototype && prototype !== null) throw new TypeErrorOf(what + ' must be an object of its own, such as { name: value }, not one of a class');
    }

    function optionsOf(given, what, known) {
      if (given === undefined || given === null) return none;
      if (known.length === 0) throw new TypeErrorOf(what + ' takes no options');
      if (typeof given !== 'object' || isArray(given)) throw new TypeErrorOf('The options of ' + what + ' must be an object, such as { ' + known[0] + ': … }');
      plain(given, 'The options of ' + what);
      const names = ownKeys(given);
      for (let i = 0; i < names.length; i++) {
        let isKnown = false, all = '';
        for (let j = 0; j < known.length; j++) {
          isKnown ||= names[i] === known[j];
          all += (j === 0 ? '' : ', ') + known[j];
        }
        if (!isKnown) throw new TypeErrorOf(what + ' has no option "' + StringOf(names[i]) + '"; it has: ' + all);
      }
      return given;
    }

    const BIG_NUMBERS = freeze(['bigNumbers']);

    function bigNumbers(options, what, known = BIG_NUMBERS) {
      const { bigNumbers: wanted } = optionsOf(options, what, known);
      if (wanted !== undefined && wanted !== 'text') throw new TypeErrorOf('The option bigNumbers of ' + what + " can be 'text' only");
      return wanted === 'text';
    }

    function failed(Type, message, code, status) {
      const error = new Type(message);
      defineProperty(error, 'code', shown(code));
      defineProperty(error, 'status', shown(status));
      return error;
    }

    // The first characters of a body, on one line
    function beginning(text) {
      let line = '';
      for (let i = 0; i < text.length && i < 100; i++) {
        const code = apply(charCodeAt, text, [i]);
        line += code < 0x20 || code === 0x7f ? ' ' : apply(fromCharCode, undefined, [code]);
      }
      return visible(line) + (text.length > 100 ? '…' : '');
    }

    function beginningOfBytes(bytes) {
      let line = '';
      for (let i = 0; i < bytes.length && i < 16; i++) {
        const code = apply(charCodeAt, bytes, [i]);
        line += ' ' + '0123456789abcdef'[code >> 4] + '0123456789abcdef'[code & 15];
      }
      return line + (bytes.length > 16 ? ' …' : '');
    }

    function answer({ status, headers, body, base64, bytes, marked, unknown }, called) {
      const type = hasOwn(headers, 'content-type') ? headers['content-type'] : null;
      const where = () => called + ' with status ' + status + (type === null ? '' : ', ' + type);
      const recoded = (to) => bytes !== null ? hostRecode(bytes, 'base64', to)
          : base64 ? hostRecode(body, 'base64', to)
          : hostRecode(marked ? '\ufeff' + body : body, 'utf-8', to);

      function text(charset) {
        if (charset === undefined) {
          if (unknown !== null) {
            throw failed(TypeErrorOf, where() + ": the text is not known, because the answer " + unknown +
                "; name its charset, as in text('windows-1252'), or take the bytes()", 'unknown_charset', status);
          }
          return body;
        }
        if (typeof charset !== 'string') throw new TypeErrorOf("text takes the name of a charset, such as text('windows-1252')");
        const decoded = recoded(charset);
        if (typeof decoded === 'string') return decoded;
        throw failed(TypeErrorOf, decoded === 0 ? 'text: there is no charset "' + charset + '" here'
            : where() + ': the bytes are not ' + charset, 'unknown_charset', status);
      }

      function json(options) {
        const asText = bigNumbers(options, 'json');
        const source = base64 ? recoded('unicode') : body;
        if (source === '') throw failed(SyntaxErrorOf, where() + ' and no body, so there is no JSON', 'not_json', status);
        if (typeof source !== 'string') {
          throw failed(SyntaxErrorOf, where() + ': the body is not JSON; it begins with the bytes' + beginningOfBytes(recoded('bytes')), 'not_json', status);
        }
        try {
          return parseExact(source, 'the number', asText ? 'text' : 'foreign');
        } catch (reason) {
          let why;
          try {
            parse(source);
          } catch ({ message }) {
            why = message;
          }
          throw why !== undefined
              ? failed(SyntaxErrorOf, where() + ': the body is not JSON (' + why + '); it begins with: ' + beginning(source), 'not_json', status)
              : failed(TypeErrorOf, where() + ': ' + reason.message + "; json({ bigNumbers: 'text' }) gives such numbers as text", 'inexact_number', status);
        }
      }

      return freeze({
        status, headers: freeze(headers), base64, ok: status >= 200 && status < 300, text: freeze(text), json: freeze(json),
        bytes: freeze(() => {
          const given = recoded('bytes');
          const array = new Bytes(given.length);
          for (let i = 0; i < given.length; i++) array[i] = apply(charCodeAt, given, [i]);
          return array;
        }),
      });
    }

    function wellFormed(text, what) {
      if (!apply(isWellFormed, text, none)) throw new TypeErrorOf(what + ' holds half a surrogate pair, which is no text');
      return text;
    }

    // The bytes of a buffer or a view of one, or null for what is neither
    function bytesOf(body) {
      if (isView(body)) {
        const kind = apply(typeTag, body, none) === undefined ? 1 : 0;
        return new Bytes(apply(bufferOf[kind], body, none), apply(offsetOf[kind], body, none), apply(lengthOf[kind], body, none));
      }
      try {
        apply(bufferLength, body, none);
      } catch {
        return null;
      }
      return new Bytes(body);
    }

    function base64Of(bytes) {
      let text = '';
      const buffer = apply(bufferOf[0], bytes, none), offset = apply(offsetOf[0], bytes, none), length = apply(lengthOf[0], bytes, none);
      for (let i = 0; i < length; i += CHUNK) {
        text += apply(fromCharCode, undefined, new Bytes(buffer, offset + i, i + CHUNK < length ? CHUNK : length - i));
      }
      return hostRecode(text, 'bytes', 'base64');
    }

    /** A body that is built of fields or parts. Scripts hold it and cannot look inside. */
    class Built {
      #kind;
      #text;
      constructor(kind, text) {
        this.#kind = kind;
        this.#text = text;
      }
      static toJson(body) {
        return typeof body === 'object' && #kind in body ? '"' + body.#kind + '",' + stringify(body.#text) : null;
      }
    }
    const builtToJson = Built.toJson;
    defineProperty(Built.prototype, 'constructor', hidden(undefined));

    function formText(value, what) {
      if (typeof value === 'string') return encode(wellFormed(value, what));
      if (typeof value === 'boolean' || typeof value === 'number' && isFinite(value)) return encode(StringOf(value));
      throw new TypeErrorOf(what + ' must be a string, a number or a boolean, not ' + (value === null ? 'null' : typeof value));
    }

    // Fields by name; an array gives a field several times
    const form = freeze((fields) => {
      if (typeof fields !== 'object' || fields === null || isArray(fields)) throw new TypeErrorOf('http.form takes an object, such as { name: value }');
      plain(fields, 'The fields of http.form');
      let text = '';
      const names = keys(fields);
      for (let i = 0; i < names.length; i++) {
        const name = names[i], given = fields[name], what = 'The field ' + name;
        const values = isArray(given) ? given : [given];
        for (let j = 0; j < values.length; j++) text += (text === '' ? '' : '&') + formText(name, what) + '=' + formText(values[j], what);
      }
      return freeze(new Built('form', text));
    });

    function partToJson(part, what) {
      if (typeof part !== 'object' || part === null) throw new TypeErrorOf(what + " must be an object, such as { name: 'file', value: bytes, filename: 'a.pdf', type: 'application/pdf' }");
      const { name, value, filename, type } = optionsOf(part, what, ['name', 'value', 'filename', 'type']);
      let json = '{"name":' + stringToJson(name, 'The name of ' + what);
      if (filename !== undefined) json += ',"filename":' + stringToJson(filename, 'The file name of ' + what);
      if (type !== undefined) json += ',"type":' + stringToJson(type, 'The type of ' + what);
      if (typeof value === 'string') return json + ',"text":' + stringToJson(value, 'The value of ' + what) + '}';
      const bytes = typeof value === 'object' && value !== null ? bytesOf(value) : null;
      if (bytes === null) throw new TypeErrorOf('The value of ' + what + ' must be a string or bytes, such as a Uint8Array');
      return json + ',"base64":"' + base64Of(bytes) + '"}';
    }

    const multipart = freeze((parts) => {
      if (!isArray(parts) || parts.length === 0) throw new TypeErrorOf('http.multipart takes an array of parts');
      let json = '';
      for (let i = 0; i < parts.length; i++) json += (i === 0 ? '' : ',') + partToJson(parts[i], 'part ' + (i + 1));
      return freeze(new Built('multipart', '[' + json + ']'));
    });

    function bodyToJson(body) {
      if (body === undefined || body === null) return '"none",null';
      const built = builtToJson(body);
      if (built !== null) return built;
      if (typeof body === 'string') return '"text",' + stringify(wellFormed(body, 'The body'));
      const bytes = typeof body === 'object' ? bytesOf(body) : null;
      return bytes === null ? '"json",' + stringify(toJson(body, 'The body')) : '"bytes","' + base64Of(bytes) + '"';
    }

    function headersToJson(headers) {
      if (headers === undefined || headers === null) return '{}';
      if (typeof headers !== 'object') throw new TypeErrorOf('The headers must be an object');
      plain(headers, 'The headers');
      const names = ownKeys(headers);
      let json = '';
      for (let i = 0; i < names.length; i++) {
        const name = StringOf(names[i]), value = headers[names[i]];
        if (typeof value !== 'string') throw new TypeErrorOf('The header ' + name + ' must be a string, not ' + (value === null ? 'null' : typeof value));
        json += (i === 0 ? '' : ',') + stringify(name) + ':' + stringify(value);
      }
      return '{' + json + '}';
    }

    const OPTIONS = freeze({
      __proto__: null,
      GET: ['headers', 'timeout', 'sign'], HEAD: ['headers', 'timeout', 'sign'],
      POST: ['headers', 'timeout', 'gzip', 'sign', 'secretFields', 'read'],
      PUT: ['headers', 'timeout', 'gzip', 'sign', 'secretFields'], PATCH: ['headers', 'timeout', 'gzip', 'sign', 'secretFields'],
      DELETE: ['headers', 'timeout', 'gzip', 'sign', 'secretFields'],
    });

    function flagToJson(value, option, name) {
      if (value === undefined) return '';
      if (typeof value !== 'boolean') throw new TypeErrorOf('The option ' + option + ' of ' + name + ' must be true or false');
      return ',"' + option + '":' + value;
    }

    // The secrets themselves stay in the node: a script says their names only
    function secretsToJson(sign, secretFields) {
      if (sign === undefined && secretFields === undefined) return '';
      const used = create(null);
      if (sign !== undefined) used.sign = sign;
      if (secretFields !== undefined) used.secretFields = secretFields;
      return ',"secrets":' + toJson(used, 'The option');
    }

    function callOptionsToJson({ timeout, gzip, read, sign, secretFields }, name) {
      if (timeout === undefined && gzip === undefined && read === undefined && sign === undefined && secretFields === undefined) return '{}';
      if (timeout !== undefined && !(isInteger(timeout) && timeout >= 1 && timeout <= 300_000)) {
        throw new TypeErrorOf('The option timeout of ' + name + ' must be a whole number of milliseconds, from 1 to 300000');
      }
      const json = (timeout === undefined ? '' : ',"timeoutMillis":' + timeout) + flagToJson(gzip, 'gzip', name) + flagToJson(read, 'read', name) + secretsToJson(sign, secretFields);
      return '{' + apply(slice, json, [1]) + '}';
    }

    function sign(connection, options) {
      return callHost('crypto.sign', () => {
        const { secret, algorithm, data } = optionsOf(options, 'http.sign', ['secret', 'algorithm', 'data']);
        const bytes = typeof data === 'object' && data !== null ? bytesOf(data) : null;
        if (bytes === null && typeof data !== 'string') throw new TypeErrorOf('The data of http.sign must be a string or bytes, such as a Uint8Array');
        return '[' + stringToJson(connection, 'The connection') + ',' + stringToJson(secret, 'The secret') + ',' + stringToJson(algorithm, 'The algorithm') + ',' +
            (bytes === null ? stringify(wellFormed(data, 'The data')) + ',false' : '"' + base64Of(bytes) + '",true') + ']';
      }, (text) => {
        const given = hostRecode(parse(text), 'base64', 'bytes');
        const array = new Bytes(given.length);
        for (let i = 0; i < given.length; i++) array[i] = apply(charCodeAt, given, [i]);
        return array;
      });
    }

    function request(method, name, connection, path, body, options, unsent = false) {
      return callHost('http', () => {
        if (unsent) throw new TypeErrorOf(name + ' sends no body: it takes a connection, a path and options');
        const given = optionsOf(options, name, OPTIONS[method]);
        return '["' + method + '",' + stringToJson(connection, 'The connection') + ',' + stringToJson(path, 'The path') + ',' +
            headersToJson(given.headers) + ',' + bodyToJson(body) + ',' + callOptionsToJson(given, name) + ']';
      }, (text) => answer(parse(text), 'http: ' + connection + ' answered ' + method + ' ' + (path.length > 200 ? apply(slice, path, [0, 200]) + '…' : path)));
    }

    // What only reads has no body: its options may come right after the path
    function reading(method, name) {
      return freeze((connection, path, body, options) => request(method, name, connection, path, undefined, options ?? body,
          body !== undefined && body !== null && options !== undefined && options !== null));
    }

    function changing(method, name) {
      return freeze((connection, path, body, options) => request(method, name, connection, path, body, options));
    }

    // What has no JSON of its own would become null, silently
    function parameterToJson(value, what) {
      switch (typeof value) {
        case 'undefined': throw new TypeErrorOf(what + " is undefined; null is SQL's null");
        case 'string': return stringify(wellFormed(value, what));
        case 'number':
          if (!isFinite(value)) throw new TypeErrorOf(what + ' is ' + value + ', which is no number of JSON; for a column of floating point, give it as text');
          return numberToJson(value);
      }
      const json = toJson(value, what);
      if (json === 'null' && value !== null) throw new TypeErrorOf(what + ' is no value, like the invalid Date');
      return json;
    }

    function elementsToJson(array, what) {
      let json = '';
      for (let i = 0; i < array.length; i++) {
        const value = array[i], element = what + '[' + i + ']';
        json += (i === 0 ? '' : ',') + (typeof value === 'bigint' ? bigIntToText(value, element) : parameterToJson(value, element));
      }
      return '[' + json + ']';
    }

    function bigIntToText(value, what) {
      const digits = StringOf(value);
      if (digits.length > 1000) throw new RangeErrorOf(what + ' has more than 1000 digits');
      return digits;
    }

    function parametersToJson(params, where = '') {
      if (params === undefined || params === null) return '[]';
      if (!isArray(params)) throw new TypeErrorOf('The parameters must be an array');
      let json = '';
      for (let i = 0; i < params.length; i++) {
        const value = params[i], what = where + 'parameter ' + (i + 1);
        json += (i === 0 ? '' : ',') + (typeof value === 'bigint' ? '"' + bigIntToText(value, what) + '"'
            : isArray(value) ? elementsToJson(value, what) : parameterToJson(value, what));
      }
      return '[' + json + ']';
    }

    function statementToJson(connection, text, params, asText) {
      return stringToJson(connection, 'The connection') + ',' + stringToJson(text, 'The statement') + ',' + parametersToJson(params) + ',' + asText;
    }

    const execute = freeze((connection, text, params, options) => callHost('sql.execute',
        () => '[' + statementToJson(connection, text, params, bigNumbers(options, 'sql.execute')) + ']'));

    const query = freeze((connection, text, params, options) => {
      if (typeof options === 'object' && options !== null && options.stream === true) return rowsOf(connection, text, params, options);
      return callHost('sql.query', () => {
        const asText = bigNumbers(options, 'sql.query', QUERY_OPTIONS);
        if (options !== undefined && options !== null && options.stream !== undefined && options.stream !== false) throw new TypeErrorOf('The option stream of sql.query must be true or false');
        return '[' + statementToJson(connection, text, params, asText) + ']';
      });
    });

    const QUERY_OPTIONS = freeze(['bigNumbers', 'stream']);
    // In characters of their JSON: fewer rows are asked for if they take more, more if they take less
    const MANY_ROWS = 1000, FIRST_ROWS = 16, SMALL_ROWS = 200_000, LARGE_ROWS = 1_000_000;
    let lastCursor = 0;

    /** Rows one after the other: the database keeps those that are not asked for yet. Nothing is sent before the first is. */
    function rowsOf(connection, text, params, options) {
      const failure = new ErrorOf('sql.query');
      const asText = bigNumbers(options, 'sql.query', QUERY_OPTIONS);
      const cursor = ++lastCursor;
      const name = stringToJson(connection, 'The connection');
      const opening = '[' + statementToJson(connection, text, params, asText) + ',' + cursor + ']';
      return (async function* () {
        await callHost('sql.open', () => opening, parsed, failure);
        let open = true, count = FIRST_ROWS;
        try {
          while (open) {
            let rows, size = 0;
            try {
              rows = await callHost('sql.fetch', () => '[' + name + ',' + cursor + ',' + count + ',' + asText + ']', (answer) => {
                size = answer.length;
                return parse(answer);
              }, failure);
            } catch (reason) {
              open = false;
              throw reason;
            }
            open = rows.length === count;
            if (size > LARGE_ROWS && count > 1) count >>= 1;
            else if (size < SMALL_ROWS && count < MANY_ROWS) count *= 2;
            for (let i = 0; i < rows.length; i++) yield rows[i];
          }
        } finally {
          if (open) await callHost('sql.close', () => '[' + name + ',' + cursor + ']', parsed, failure);
        }
      })();
    }

    const batch = freeze((connection, text, rows, options) => callHost('sql.batch', () => {
      optionsOf(options, 'sql.batch', []);
      if (!isArray(rows)) throw new TypeErrorOf('sql.batch takes an array of rows, each an array of parameters');
      // Without a row there is nothing to do; the statement is not looked at
      let json = '', width = 0;
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i];
        if (!isArray(row)) throw new TypeErrorOf('Row ' + (i + 1) + ' must be an array of parameters');
        if (i === 0) width = row.length;
        if (row.length !== width) throw new TypeErrorOf('Row ' + (i + 1) + ' has ' + row.length + ' parameters, but row 1 has ' + width);
        json += (i === 0 ? '' : ',') + parametersToJson(row, 'row ' + (i + 1) + ', ');
      }
      return '[' + stringToJson(connection, 'The connection') + ',' + stringToJson(text, 'The statement') + ',[' + json + ']]';
    }));

    return { reading, changing, form, multipart, query, execute, batch, optionsOf, sign: freeze(sign), bytesOf };
  })();

  // ---- The contract ----
  const log = freeze({ debug: logAt(0), info: logAt(1), warn: logAt(2), error: logAt(3) });
  const console = { debug: consoleAt(0), trace: consoleAt(0), log: consoleAt(1), info: consoleAt(1), warn: consoleAt(2), error: consoleAt(3) };
  if (platformNames !== null) layPlatform();
  freeze(console);
  const state = freeze({
    get: freeze((key) => callHost('state.get', () => '[' + stringToJson(key, 'The key') + ']', parsedExactly)),
    set: freeze((key, value) => callHost('state.set', () => '[' + stringToJson(key, 'The key') + ',' + toJson(value, 'The value') + ']')),
    delete: freeze((key) => callHost('state.delete', () => '[' + stringToJson(key, 'The key') + ']')),
    keys: freeze(() => callHost('state.keys', () => '[]')),
    commit: freeze(() => callHost('state.commit', () => '[]')),
  });

  const http = freeze({
    get: reading('GET', 'http.get'), head: reading('HEAD', 'http.head'),
    post: changing('POST', 'http.post'), put: changing('PUT', 'http.put'),
    patch: changing('PATCH', 'http.patch'), delete: changing('DELETE', 'http.delete'),
    form, multipart, sign,
  });
  const sql = freeze({
    query, execute, batch,
    commit: freeze((connection, options) => callHost('sql.commit', () => {
      optionsOf(options, 'sql.commit', []);
      return '[' + stringToJson(connection, 'The connection') + ']';
    })),
  });
  const audit = freeze({
    record: freeze((event) => callHost('audit.record', () => '[' + toJson(event, 'The event') + ']')),
  });

  const { job = null, run = null, user = null } = deepFreeze(parse(contextJson));
  const params = deepFreeze(parseExact(parametersJson, 'The parameter', 'own'));
  const globals = { params, job, run, user, log, console, state, http, sql, audit, sleep: freeze(sleep) };

  Graal.setUnhandledPromiseRejectionHandler((reason) => {
    if (!failWith(hostUnhandled, reason, 'a promise was rejected and nobody handled it: await it, or catch')) write(3, 'A promise was rejected and nobody handled it: ' + describe(reason), undefined);
  });
  // Emptied, not deleted: taking a property out of an object as large as this one costs more than all else here together
  const gone = ['Graal', 'SharedArrayBuffer', 'Atomics', 'arguments'];
  for (let i = 0; i < gone.length; i++) globalThis[gone[i]] = undefined;
  const names = ownKeys(globals);
  for (let i = 0; i < names.length; i++) {
    defineProperty(globalThis, names[i], { value: globals[names[i]], enumerable: true, writable: false, configurable: false });
  }

  // ---- The run ----
  const noConstructor = hidden(undefined);
  /** By line and column, what the script threw or returned there: a value that is no error does not know its place. */
  const places = create(null);

  function placeOf(value) {
    const known = keys(places);
    for (let i = 0; i < known.length; i++) if (is(places[known[i]], value)) return known[i];
    return '';
  }

  function failWith(host, reason, how = '') {
    const message = isError(reason) ? visible(messageOf(reason)) : 'The script threw ' + describe(reason);
    return host(reason, message, isError(reason) ? toldOf(reason) : '', isError(reason) ? relatedTo(reason) : [], placeOf(reason), how);
  }

  function fail(reason) {
    failWith(hostFail, reason);
  }

  function succeed(value) {
    let json;
    const place = placeOf(value);
    try {
      json = value === undefined ? 'null' : toJson(value, 'The result');
    } catch (reason) {
      hostFail(reason, isError(reason) ? visible(messageOf(reason)) : 'The script threw ' + describe(reason), isError(reason) ? toldOf(reason) : '', [], place);
      return;
    }
    hostSucceed(json, place);
  }

  function start(script) {
    const promise = script(places);
    // Without a constructor of its own, "then" asks no species
    defineProperty(promise, 'constructor', noConstructor);
    apply(then, promise, [succeed, fail]);
  }

  return { start, settle, wake, where };
})
