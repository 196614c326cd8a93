// DOMException, events and aborting, as the DOM standard has them without a document.
'use strict';
(function ({ defineProperty, startTimer, failUncaught, toStringTag }) {
  const CODES = {
    __proto__: null, NotFoundError: 8, NotSupportedError: 9, InvalidStateError: 11, SyntaxError: 12, InvalidAccessError: 15, TimeoutError: 23,
    DataCloneError: 25, InvalidCharacterError: 5, IndexSizeError: 1, AbortError: 20, QuotaExceededError: 22,
  };
  const secret = Symbol('made by the platform');

  class DOMException extends Error {
    constructor(message = '', options = 'Error') {
      super(String(message));
      const name = typeof options === 'object' && options !== null ? options.name ?? 'Error' : options;
      defineProperty(this, 'name', { __proto__: null, value: String(name), writable: true, configurable: true });
      if (typeof options === 'object' && options !== null && 'cause' in options) {
        defineProperty(this, 'cause', { __proto__: null, value: options.cause, writable: true, configurable: true });
      }
    }
    get code() {
      return CODES[this.name] ?? 0;
    }
  }

  class Event {
    #stopped = false;
    #prevented = false;
    #target = null;
    constructor(type, options = {}) {
      this.type = String(type);
      this.bubbles = Boolean(options?.bubbles);
      this.cancelable = Boolean(options?.cancelable);
      this.timeStamp = Date.now();
    }
    get target() {
      return this.#target;
    }
    get currentTarget() {
      return this.#target;
    }
    get defaultPrevented() {
      return this.#prevented;
    }
    preventDefault() {
      if (this.cancelable) this.#prevented = true;
    }
    stopPropagation() {}
    stopImmediatePropagation() {
      this.#stopped = true;
    }
    static dispatch(event, target, listeners) {
      event.#target = target;
      event.#stopped = false;
      for (const listener of [...listeners]) {
        if (listener.removed || listener.type !== event.type) continue;
        if (listener.once) listener.remove();
        try {
          if (typeof listener.callback === 'function') listener.callback.call(target, event);
          else listener.callback.handleEvent(event);
        } catch (reason) {
          failUncaught(reason);
        }
        if (event.#stopped) break;
      }
      return !event.#prevented;
    }
  }
  const { dispatch } = Event;
  delete Event.dispatch;

  class EventTarget {
    #listeners = [];
    addEventListener(type, callback, options) {
      if (callback === null || callback === undefined) return;
      if (typeof callback !== 'function' && typeof callback !== 'object') throw new TypeError('addEventListener takes a function');
      const { once = false, signal } = typeof options === 'object' && options !== null ? options : {};
      if (signal?.aborted) return;
      const name = String(type);
      if (this.#listeners.some((one) => one.type === name && one.callback === callback)) return;
      const listener = { type: name, callback, once, removed: false, remove: () => this.removeEventListener(name, callback) };
      this.#listeners.push(listener);
      signal?.addEventListener('abort', listener.remove, { once: true });
    }
    removeEventListener(type, callback) {
      const name = String(type);
      const at = this.#listeners.findIndex((one) => one.type === name && one.callback === callback);
      if (at >= 0) this.#listeners.splice(at, 1)[0].removed = true;
    }
    dispatchEvent(event) {
      if (!(event instanceof Event)) throw new TypeError('dispatchEvent takes an Event');
      return dispatch(event, this, this.#listeners);
    }
  }

  class AbortSignal extends EventTarget {
    #aborted = false;
    #reason;
    #onabort = null;
    #followers = [];
    constructor(key) {
      if (key !== secret) throw new TypeError('An AbortSignal comes from an AbortController, AbortSignal.timeout, any or abort');
      super();
    }
    get aborted() {
      return this.#aborted;
    }
    get reason() {
      return this.#reason;
    }
    get onabort() {
      return this.#onabort;
    }
    set onabort(callback) {
      if (this.#onabort !== null) this.removeEventListener('abort', this.#onabort);
      this.#onabort = typeof callback === 'function' ? callback : null;
      this.addEventListener('abort', this.#onabort);
    }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    static abort(reason) {
      const signal = new AbortSignal(secret);
      signal.#abort(reason);
      return signal;
    }
    static timeout(milliseconds) {
      if (typeof milliseconds !== 'number' || !(milliseconds >= 0) || milliseconds > Number.MAX_SAFE_INTEGER) {
        throw new TypeError('AbortSignal.timeout takes a number of milliseconds, 0 or more');
      }
      const signal = new AbortSignal(secret);
      startTimer(() => signal.#abort(new DOMException('The time is up: ' + milliseconds + ' ms', 'TimeoutError')), milliseconds, 'AbortSignal.timeout', true);
      return signal;
    }
    static any(signals) {
      const all = [...signals];
      const signal = new AbortSignal(secret);
      for (const one of all) {
        if (!(one instanceof AbortSignal)) throw new TypeError('AbortSignal.any takes AbortSignals');
      }
      for (const one of all) {
        if (one.#aborted) {
          signal.#abort(one.#reason);
          return signal;
        }
      }
      for (const one of all) one.#followers.push(signal);
      return signal;
    }
    #abort(reason) {
      // Signals that follow one another may be many: no recursion
      const open = [this];
      const why = reason === undefined ? new DOMException('The operation was aborted', 'AbortError') : reason;
      const reached = [];
      while (open.length > 0) {
        const next = open.pop();
        if (next.#aborted) continue;
        next.#aborted = true;
        next.#reason = why;
        reached.push(next);
        for (const follower of next.#followers.splice(0)) open.push(follower);
      }
      for (const signal of reached) signal.dispatchEvent(new Event('abort'));
    }
    static start(signal, reason) {
      signal.#abort(reason);
    }
  }
  const abort = AbortSignal.start;
  delete AbortSignal.start;

  class AbortController {
    #signal = new AbortSignal(secret);
    get signal() {
      return this.#signal;
    }
    abort(reason) {
      abort(this.#signal, reason);
    }
  }

  const all = { DOMException, Event, EventTarget, AbortSignal, AbortController };
  for (const name of Object.keys(all)) toStringTag(all[name], name);
  return all;
})
