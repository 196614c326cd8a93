// Evaluated first in every context: takes what it needs of the built-ins while they are pristine, lays out the globals of
// the contract and hands the worker the functions that drive a run. A script may poison any prototype afterwards;
// nothing below looks anything up on one. To add a host function: one line in "The contract" that names it and says
// how its arguments become JSON.
(function (hostLog, hostCall, hostTimer, hostSucceed, hostFail, hostDescribe, parametersJson, contextJson, maxPending) {
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
      defineProperty(failure, 'message', hidden(text));
      if (typeof stack === 'string') {
        const end = apply(indexOf, stack, ['\n']);
        defineProperty(failure, 'stack', hidden('Error: ' + text + (end < 0 ? '' : apply(slice, stack, [end]))));
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

  // ---- Calls over connections ----
  function answer({ status, headers, body, base64 }) {
    return freeze({
      status, headers: freeze(headers), base64, ok: status >= 200 && status < 300,
      text: freeze(() => body), json: freeze(() => parse(body)),
    });
  }

  function bodyToJson(body) {
    if (body === undefined || body === null) return '"none",null';
    return typeof body === 'string' ? '"text",' + stringify(body) : '"json",' + stringify(toJson(body, 'The body'));
  }

  function request(method, connection, path, body, options) {
    return callHost('http', () => '["' + method + '",' + stringToJson(connection, 'The connection') + ',' + stringToJson(path, 'The path') + ',' +
      toJson((options === undefined || options === null ? none : options).headers ?? none, 'The headers') + ',' + bodyToJson(body) + ']', answer);
  }

  // What only reads has no body: its options may come right after the path
  function reading(method) {
    return freeze((connection, path, body, options) => request(method, connection, path, undefined, options ?? body));
  }

  function changing(method) {
    return freeze((connection, path, body, options) => request(method, connection, path, body, options));
  }

  function statement(name) {
    return freeze((connection, text, params = []) => callHost(name, () =>
      '[' + stringToJson(connection, 'The connection') + ',' + stringToJson(text, 'The statement') + ',' + toJson(params, 'The parameters') + ']'));
  }

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
    get: reading('GET'), head: reading('HEAD'),
    post: changing('POST'), put: changing('PUT'), patch: changing('PATCH'), delete: changing('DELETE'),
  });
  const sql = freeze({
    query: statement('sql.query'),
    execute: statement('sql.execute'),
    commit: freeze((connection) => callHost('sql.commit', () => '[' + stringToJson(connection, 'The connection') + ']')),
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
