// structuredClone, as the HTML standard describes it for values without a document.
'use strict';
(function ({ defineProperty, isArray, room }) {
  const ERRORS = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const VIEWS = {
    __proto__: null, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array,
    Float16Array: globalThis.Float16Array,
  };
  const objectToString = Object.prototype.toString;

  function refuse(what) {
    const { DOMException } = room('events');
    throw new DOMException(what + ' cannot be cloned', 'DataCloneError');
  }

  function tagOf(value) {
    return Reflect.apply(objectToString, value, []).slice(8, -1);
  }

  function isKind(value, test) {
    try {
      test(value);
      return true;
    } catch {
      return false;
    }
  }

  const timeOf = (value) => Date.prototype.getTime.call(value);
  const sizeOfMap = (value) => Object.getOwnPropertyDescriptor(Map.prototype, 'size').get.call(value);
  const sizeOfSet = (value) => Object.getOwnPropertyDescriptor(Set.prototype, 'size').get.call(value);
  const lengthOfBuffer = (value) => Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get.call(value);

  function put(target, name, value) {
    defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }

  function errorOf(value, clone) {
    const name = String(value.name);
    const error = Reflect.construct(ERRORS[name] ?? Error, []);
    for (const field of ['message', 'stack']) {
      const own = Object.getOwnPropertyDescriptor(value, field);
      if (own !== undefined && 'value' in own) defineProperty(error, field, { __proto__: null, value: String(own.value), writable: true, configurable: true });
    }
    if (Object.hasOwn(value, 'cause')) defineProperty(error, 'cause', { __proto__: null, value: clone(value.cause), writable: true, configurable: true });
    return error;
  }

  function structuredClone(value, options) {
    const transfer = options?.transfer === undefined ? [] : [...options.transfer];
    const seen = new Map();
    const buffers = new Set();
    for (const given of transfer) {
      if (!isKind(given, lengthOfBuffer) || buffers.has(given)) refuse('What is transferred must be an ArrayBuffer, each once; another value');
      buffers.add(given);
    }

    function clone(input) {
      switch (typeof input) {
        case 'symbol': case 'function': return refuse('A ' + typeof input);
        case 'object': break;
        default: return input;
      }
      if (input === null) return null;
      if (seen.has(input)) return seen.get(input);
      return begin(input);
    }

    function keep(input, made) {
      seen.set(input, made);
      return made;
    }

    function begin(input) {
      if (isArray(input)) {
        const list = keep(input, new Array(input.length));
        for (const name of Object.keys(input)) put(list, name, clone(input[name]));
        return list;
      }
      if (isKind(input, lengthOfBuffer)) return keep(input, input.slice(0));
      if (ArrayBuffer.isView(input)) {
        const buffer = clone(input.buffer);
        const tag = tagOf(input);
        if (tag === 'DataView') return keep(input, new DataView(buffer, input.byteOffset, input.byteLength));
        return keep(input, new VIEWS[tag](buffer, input.byteOffset, input.length));
      }
      if (isKind(input, timeOf)) return keep(input, new Date(timeOf(input)));
      if (isKind(input, sizeOfMap)) {
        const map = keep(input, new Map());
        for (const [key, member] of [...Map.prototype.entries.call(input)]) map.set(clone(key), clone(member));
        return map;
      }
      if (isKind(input, sizeOfSet)) {
        const set = keep(input, new Set());
        for (const member of [...Set.prototype.values.call(input)]) set.add(clone(member));
        return set;
      }
      const tag = tagOf(input);
      switch (tag) {
        case 'RegExp': return keep(input, new RegExp(input.source, input.flags));
        case 'Number': case 'String': case 'Boolean': case 'BigInt': return keep(input, Object(input.valueOf()));
        case 'Error': return keep(input, errorOf(input, clone));
        case 'Object': break;
        case 'Arguments': break;
        default: return refuse((/^[AEIO]/.test(tag) ? 'An ' : 'A ') + tag);
      }
      const copy = keep(input, {});
      for (const name of Object.keys(input)) put(copy, name, clone(input[name]));
      return copy;
    }

    const result = clone(value);
    for (const buffer of buffers) buffer.transfer?.();
    return result;
  }

  return { structuredClone };
})
