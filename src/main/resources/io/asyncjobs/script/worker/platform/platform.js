// Evaluated in a context whose script names something of the platform. Each global is laid out as a getter, and what it
// stands for is evaluated when the script first asks for it: its room, a file beside this one. A room is evaluated after the
// script may have poisoned prototypes; what goes wrong then is that script's own, since nothing here outlives the run.
(function (names, internal) {
  'use strict';
  const { host, create, defineProperty, hidden, ownKeys } = internal;
  const rooms = {
    __proto__: null,
    text: ['TextEncoder', 'TextDecoder', 'atob', 'btoa', 'charset'],
    url: ['URL', 'URLSearchParams'],
    clone: ['structuredClone'],
    events: ['DOMException', 'Event', 'EventTarget', 'AbortController', 'AbortSignal'],
    timers: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'queueMicrotask', 'performance'],
    crypto: ['crypto', 'CryptoKey'],
    temporal: ['Temporal'],
    decimal: ['Decimal'],
    xml: ['xml'],
    csv: ['csv'],
    hl7: ['hl7'],
  };
  const roomOf = create(null);
  for (const room of ownKeys(rooms)) {
    for (let i = 0; i < rooms[room].length; i++) roomOf[rooms[room][i]] = room;
  }

  const open = create(null);
  function room(name) {
    open[name] ??= host('room', name)(internal);
    return open[name];
  }
  internal.room = room;

  /** Evaluates a library that is a module of CommonJS. */
  internal.library = (name, require) => {
    const module = { exports: {} };
    host('library', name)(module, module.exports, require, create(null));
    return module.exports;
  };

  function lay(name) {
    defineProperty(globalThis, name, {
      __proto__: null,
      get() {
        const value = room(roomOf[name])[name];
        defineProperty(globalThis, name, hidden(value));
        return value;
      },
      set(value) {
        defineProperty(globalThis, name, hidden(value));
      },
      configurable: true,
      enumerable: false,
    });
  }

  for (let i = 0; i < names.length; i++) {
    switch (names[i]) {
      // Methods of what the language has already
      case 'bytes': case 'console': case 'instant': room(names[i]); break;
      default: lay(names[i]);
    }
  }
})
