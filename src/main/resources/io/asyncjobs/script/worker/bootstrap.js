// Evaluated first in every context: takes what it needs of the built-ins while they are pristine, lays out the globals of
// the contract and hands the worker the functions that drive a run. A script may poison any prototype afterwards;
// nothing below looks anything up on one. To add a host function: one line in "The contract" that names it and says
// how its arguments become JSON.
(function (hostLog, hostCall, hostTimer, hostSucceed, hostFail, hostDescribe, hostRecode, parametersJson, contextJson, maxPending) {
  'use strict';

  // ---- Pristine built-ins ----
  const { apply, defineProperty, ownKeys } = Reflect;
  const { parse, stringify } = JSON;
  const { create, freeze } = Object;
  const { isFinite } = Number;
  const PromiseOf = Promise;
  const then = Promise.prototype.then;
  const ErrorOf = Error, TypeErrorOf = TypeError, RangeErrorOf = RangeError;
  const StringOf = String;
  const toWellFormed = String.prototype.toWellFormed;
  const indexOf = String.prototype.indexOf, slice = String.prototype.slice;
  const symbolToString = Symbol.prototype.toString;
  const none = create(null);

  function hidden(value) {
    const descriptor = create(null);
    descriptor.value = value;
    descriptor.writable = true;
    descriptor.configurable = true;
    return descriptor;
  }

  // ---- Values as text and JSON ----
  function describe(value) {
    switch (typeof value) {
      case 'string': return value;
      case 'symbol': return apply(symbolToString, value, none);
      case 'function': return '[function]';
      case 'object':
        if (value !== null) {
          const error = hostDescribe(value);
          if (error !== null) return error;
          try {
            const json = stringify(value);
            return json === undefined ? '[object]' : json;
          } catch {
            return '[object]';
          }
        }
    }
    return StringOf(value);
  }

  function toJson(value, what) {
    const json = stringify(value);
    if (json === undefined) throw new TypeErrorOf(what + ' has no JSON form: it is ' + (value === undefined ? 'undefined' : 'a ' + typeof value));
    return json;
  }

  function stringToJson(value, what) {
    if (typeof value !== 'string') throw new TypeErrorOf(what + ' must be a string, not ' + (value === null ? 'null' : typeof value));
    return stringify(value);
  }

  function deepFreeze(root) {
    if (typeof root !== 'object' || root === null) return root;
    const open = create(null);
    let count = 0;
    open[count++] = root;
    while (count > 0) {
      const value = freeze(open[--count]);
      const keys = ownKeys(value);
      for (let i = 0; i < keys.length; i++) {
        const child = value[keys[i]];
        if (typeof child === 'object' && child !== null) open[count++] = child;
      }
    }
    return root;
  }

  // ---- Calls that the node carries out ----
  const waiting = create(null);
  let lastId = 0, pending = 0;

  function asIs(value) {
    return value;
  }

  function register(resolve, reject, failure, shape) {
    if (pending >= maxPending) throw new RangeErrorOf('More than ' + maxPending + ' calls at once');
    const entry = create(null);
    entry.resolve = resolve;
    entry.reject = reject;
    entry.failure = failure;
    entry.shape = shape;
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

  function callHost(name, argumentsToJson, shape = asIs) {
    // Made here, where the script's own frames are on the stack, and thrown when the answer is a failure
    const failure = new ErrorOf(name);
    return new PromiseOf((resolve, reject) => {
      const json = argumentsToJson();
      const id = register(resolve, reject, failure, shape);
      const refused = hostCall(id, name, json);
      if (refused !== null) {
        take(id);
        throw new RangeErrorOf(refused);
      }
    });
  }

  function settle(id, succeeded, text) {
    const entry = take(id);
    if (succeeded) {
      const value = text === null ? null : parse(text);
      const { shape } = entry;
      entry.resolve(shape(value));
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
    return new PromiseOf((resolve, reject) => {
      if (typeof ms !== 'number' || !isFinite(ms) || ms < 0) throw new TypeErrorOf('sleep takes a number of milliseconds, 0 or more');
      hostTimer(register(resolve, reject, undefined, asIs), ms);
    });
  }

  function wake(id) {
    const { resolve } = take(id);
    resolve();
  }

  // ---- The log ----
  let logging = true;

  function write(level, text, data) {
    if (!logging) return;
    let json = null;
    if (data !== undefined) {
      const error = typeof data === 'object' && data !== null ? hostDescribe(data) : null;
      try {
        json = error === null ? stringify(data) : stringify(error);
      } catch { }
      if (typeof json !== 'string') json = stringify(apply(toWellFormed, describe(data), none));
    }
    logging = hostLog(level, apply(toWellFormed, describe(text), none), json);
  }

  function logAt(level) {
    return freeze((message, data) => write(level, message, data));
  }

  function consoleAt(level) {
    return freeze((...values) => {
      let text = '';
      for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ' ') + describe(values[i]);
      write(level, text, undefined);
    });
  }

  // PLACEHOLDER for the function of that name in "Values as text and JSON": it refuses integers only, and finds their places slowly
  function parseExact(text, asText) {
    if (!/\d{16}/.test(text)) return parse(text);
    let at = 0;
    const lost = (number) => /^-?\d+$/.test(number) && StringOf(BigInt(+number)) !== number;
    function space() { while (/\s/.test(text[at])) at++; }
    function string() { const from = at++; while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1; return parse(text.slice(from, ++at)); }
    function value(path) {
      space();
      if (text[at] === '"') return string();
      const close = text[at] === '{' ? '}' : text[at] === '[' ? ']' : null;
      if (close === null) {
        const literal = /^[^,\]}\s]+/.exec(text.slice(at))[0];
        at += literal.length;
        if (!lost(literal)) return parse(literal);
        if (asText) return literal;
        throw new TypeErrorOf(path + ' is ' + literal + ', which a JavaScript number cannot hold');
      }
      const into = close === '}' ? {} : [];
      at++; space();
      for (let i = 0; text[at] !== close; i++) {
        let key = i;
        if (close === '}') { key = string(); space(); at++; }
        into[key] = value(path + (close === '}' ? '.' + key : '[' + key + ']'));
        space();
        if (text[at] === ',') { at++; space(); }
      }
      at++;
      return into;
    }
    parse(text);
    return value('$');
  }

  // ---- Calls over connections ----
  // In a function of its own, so that its many names stay here
  const { reading, changing, statement, optionsOf } = (() => {
    const { isArray } = Array;
    const { isView } = ArrayBuffer;
    const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const SyntaxErrorOf = SyntaxError, Bytes = Uint8Array;
    const hasOwn = Object.prototype.hasOwnProperty;
    const isWellFormed = StringOf.prototype.isWellFormed;
    const charCodeAt = StringOf.prototype.charCodeAt;
    const { fromCharCode } = StringOf;
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
    function optionsOf(given, what, known) {
      if (given === undefined || given === null) return none;
      if (known.length === 0) throw new TypeErrorOf(what + ' takes no options');
      if (typeof given !== 'object' || isArray(given)) throw new TypeErrorOf('The options of ' + what + ' must be an object, such as { ' + known[0] + ': … }');
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

    function bigNumbers(options, what) {
      const { bigNumbers: wanted } = optionsOf(options, what, ['bigNumbers']);
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
      return apply(toWellFormed, line, none) + (text.length > 100 ? '…' : '');
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
      const type = apply(hasOwn, headers, ['content-type']) ? headers['content-type'] : null;
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
          return parseExact(source, asText);
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

    function bodyToJson(body) {
      if (body === undefined || body === null) return '"none",null';
      if (typeof body === 'string') return '"text",' + stringify(wellFormed(body, 'The body'));
      const bytes = typeof body === 'object' ? bytesOf(body) : null;
      return bytes === null ? '"json",' + stringify(toJson(body, 'The body')) : '"bytes","' + base64Of(bytes) + '"';
    }

    function headersToJson(headers) {
      if (headers === undefined || headers === null) return '{}';
      if (typeof headers !== 'object') throw new TypeErrorOf('The headers must be an object');
      const names = ownKeys(headers);
      let json = '';
      for (let i = 0; i < names.length; i++) {
        const name = StringOf(names[i]), value = headers[names[i]];
        if (typeof value !== 'string') throw new TypeErrorOf('The header ' + name + ' must be a string, not ' + (value === null ? 'null' : typeof value));
        json += (i === 0 ? '' : ',') + stringify(name) + ':' + stringify(value);
      }
      return '{' + json + '}';
    }

    function request(method, name, connection, path, body, options, unsent = false) {
      return callHost('http', () => {
        if (unsent) throw new TypeErrorOf(name + ' sends no body: it takes a connection, a path and options');
        const { headers } = optionsOf(options, name, ['headers']);
        return '["' + method + '",' + stringToJson(connection, 'The connection') + ',' + stringToJson(path, 'The path') + ',' +
            headersToJson(headers) + ',' + bodyToJson(body) + ']';
      }, (value) => answer(value, 'http: ' + connection + ' answered ' + method + ' ' + (path.length > 200 ? apply(slice, path, [0, 200]) + '…' : path)));
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
          return stringify(value);
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

    function parametersToJson(params) {
      if (params === undefined || params === null) return '[]';
      if (!isArray(params)) throw new TypeErrorOf('The parameters must be an array');
      let json = '';
      for (let i = 0; i < params.length; i++) {
        const value = params[i], what = 'parameter ' + (i + 1);
        json += (i === 0 ? '' : ',') + (typeof value === 'bigint' ? '"' + bigIntToText(value, what) + '"'
            : isArray(value) ? elementsToJson(value, what) : parameterToJson(value, what));
      }
      return '[' + json + ']';
    }

    function statement(name) {
      return freeze((connection, text, params, options) => callHost(name, () => {
        const asText = bigNumbers(options, name);
        return '[' + stringToJson(connection, 'The connection') + ',' + stringToJson(text, 'The statement') + ',' + parametersToJson(params) + ',' + asText + ']';
      }));
    }

    return { reading, changing, statement, optionsOf };
  })();

  // ---- The contract ----
  const log = freeze({ debug: logAt(0), info: logAt(1), warn: logAt(2), error: logAt(3) });
  const console = freeze({ debug: consoleAt(0), trace: consoleAt(0), log: consoleAt(1), info: consoleAt(1), warn: consoleAt(2), error: consoleAt(3) });
  const state = freeze({
    get: freeze((key) => callHost('state.get', () => '[' + stringToJson(key, 'The key') + ']')),
    set: freeze((key, value) => callHost('state.set', () => '[' + stringToJson(key, 'The key') + ',' + toJson(value, 'The value') + ']')),
    delete: freeze((key) => callHost('state.delete', () => '[' + stringToJson(key, 'The key') + ']')),
    keys: freeze(() => callHost('state.keys', () => '[]')),
  });

  const http = freeze({
    get: reading('GET', 'http.get'), head: reading('HEAD', 'http.head'),
    post: changing('POST', 'http.post'), put: changing('PUT', 'http.put'),
    patch: changing('PATCH', 'http.patch'), delete: changing('DELETE', 'http.delete'),
  });
  const sql = freeze({
    query: statement('sql.query'),
    execute: statement('sql.execute'),
    commit: freeze((connection, options) => callHost('sql.commit', () => {
      optionsOf(options, 'sql.commit', []);
      return '[' + stringToJson(connection, 'The connection') + ']';
    })),
  });
  const audit = freeze({
    record: freeze((event) => callHost('audit.record', () => '[' + toJson(event, 'The event') + ']')),
  });

  const { job = null, run = null, user = null } = deepFreeze(parse(contextJson));
  const globals = { params: deepFreeze(parse(parametersJson)), job, run, user, log, console, state, http, sql, audit, sleep: freeze(sleep) };

  Graal.setUnhandledPromiseRejectionHandler((reason) => {
    write(2, 'A promise was rejected and nobody handled it: ' + describe(reason), undefined);
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

  function fail(reason) {
    hostFail(reason, describe(reason));
  }

  function succeed(value) {
    let json;
    try {
      json = value === undefined ? 'null' : toJson(value, 'The result');
    } catch (reason) {
      hostFail(reason, describe(reason));
      return;
    }
    hostSucceed(json);
  }

  function start(script) {
    const promise = script();
    // Without a constructor of its own, "then" asks no species
    defineProperty(promise, 'constructor', noConstructor);
    apply(then, promise, [succeed, fail]);
  }

  return { start, settle, wake };
})
