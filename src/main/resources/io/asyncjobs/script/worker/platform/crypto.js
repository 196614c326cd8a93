// Random numbers, digests and HMAC, as the Web Cryptography standard has them; the worker's JDK computes.
'use strict';
(function ({ host, allocate, bytesOf, freeze, toStringTag, room }) {
  const HASHES = { __proto__: null, 'SHA-1': 'SHA-1', 'SHA-256': 'SHA-256', 'SHA-384': 'SHA-384', 'SHA-512': 'SHA-512' };
  const INTEGERS = { __proto__: null, Int8Array: true, Uint8Array: true, Uint8ClampedArray: true, Int16Array: true, Uint16Array: true, Int32Array: true, Uint32Array: true, BigInt64Array: true, BigUint64Array: true };
  const USAGES = ['sign', 'verify'];
  const MOST_RANDOM = 65536;
  const secret = Symbol('made by the platform');

  function refuse(message, name) {
    const { DOMException } = room('events');
    return new DOMException(message, name);
  }

  function bytes(value, what) {
    const found = bytesOf(value);
    if (found === null) throw new TypeError(what + ' takes a Uint8Array, another view or an ArrayBuffer; for text, new TextEncoder().encode(text)');
    return found;
  }

  function nameOf(algorithm, what) {
    const name = typeof algorithm === 'string' ? algorithm : algorithm?.name;
    if (typeof name !== 'string') throw new TypeError(what + ' takes the name of an algorithm');
    return name.toUpperCase();
  }

  function hashOf(algorithm, what) {
    const hash = HASHES[nameOf(algorithm, what)];
    if (hash === undefined) throw refuse(what + ' knows SHA-1, SHA-256, SHA-384 and SHA-512', 'NotSupportedError');
    return hash;
  }

  function hmac(algorithm, what) {
    if (nameOf(algorithm, what) !== 'HMAC') throw refuse(what + ' knows HMAC only', 'NotSupportedError');
  }

  class CryptoKey {
    #bytes;
    #hash;
    #extractable;
    #usages;
    constructor(key, raw, hash, extractable, usages) {
      if (key !== secret) throw new TypeError('A CryptoKey comes from crypto.subtle.importKey');
      this.#bytes = raw;
      this.#hash = hash;
      this.#extractable = extractable;
      this.#usages = usages;
    }
    get type() {
      return 'secret';
    }
    get extractable() {
      return this.#extractable;
    }
    get algorithm() {
      return { name: 'HMAC', hash: { name: this.#hash }, length: this.#bytes.length * 8 };
    }
    get usages() {
      return [...this.#usages];
    }
    static sign(key, data, usage) {
      if (!(key instanceof CryptoKey)) throw new TypeError(usage + ' takes a CryptoKey from crypto.subtle.importKey');
      if (!key.#usages.includes(usage)) throw refuse("The key was not imported for '" + usage + "'", 'InvalidAccessError');
      const raw = key.#bytes;
      return host('hmac', key.#hash, raw.buffer, raw.byteOffset, raw.byteLength, data.buffer, data.byteOffset, data.byteLength, allocate);
    }
    static raw(key) {
      if (!key.#extractable) throw refuse('The key was not imported as extractable', 'InvalidAccessError');
      return key.#bytes.slice().buffer;
    }
  }
  const { sign, raw } = CryptoKey;
  delete CryptoKey.sign;
  delete CryptoKey.raw;

  // Each throws through its promise
  const promised = (compute) => freeze((...given) => new Promise((resolve) => resolve(compute(...given))));

  const subtle = freeze({
    digest: promised((algorithm, data) => {
      const { buffer, byteOffset, byteLength } = bytes(data, 'digest');
      return host('digest', hashOf(algorithm, 'digest'), buffer, byteOffset, byteLength, allocate);
    }),
    importKey: promised((format, data, algorithm, extractable, usages) => {
      if (format !== 'raw') throw refuse("importKey knows the format 'raw' only", 'NotSupportedError');
      hmac(algorithm, 'importKey');
      const hash = hashOf(algorithm.hash, 'importKey');
      const wanted = [...usages];
      for (const usage of wanted) if (!USAGES.includes(usage)) throw refuse('A key of HMAC is for sign and verify', 'SyntaxError');
      if (wanted.length === 0) throw refuse('importKey takes what the key is for: sign, verify or both', 'SyntaxError');
      const key = bytes(data, 'importKey').slice();
      if (key.length === 0) throw refuse('The key is empty', 'DataError');
      return new CryptoKey(secret, key, hash, Boolean(extractable), wanted);
    }),
    exportKey: promised((format, key) => {
      if (format !== 'raw') throw refuse("exportKey knows the format 'raw' only", 'NotSupportedError');
      if (!(key instanceof CryptoKey)) throw new TypeError('exportKey takes a CryptoKey');
      return raw(key);
    }),
    sign: promised((algorithm, key, data) => {
      hmac(algorithm, 'sign');
      return sign(key, bytes(data, 'sign'), 'sign');
    }),
    verify: promised((algorithm, key, signature, data) => {
      hmac(algorithm, 'verify');
      const given = bytes(signature, 'verify'), right = new Uint8Array(sign(key, bytes(data, 'verify'), 'verify'));
      let differ = given.length ^ right.length;
      for (let i = 0; i < right.length; i++) differ |= right[i] ^ given[i];
      return differ === 0;
    }),
  });

  function getRandomValues(array) {
    const tag = ArrayBuffer.isView(array) ? Object.prototype.toString.call(array).slice(8, -1) : '';
    if (!INTEGERS[tag]) throw refuse('getRandomValues takes a typed array of integers', 'TypeMismatchError');
    if (array.byteLength > MOST_RANDOM) throw refuse('getRandomValues gives at most ' + MOST_RANDOM + ' bytes at once', 'QuotaExceededError');
    host('random', array.buffer, array.byteOffset, array.byteLength);
    return array;
  }

  toStringTag(CryptoKey, 'CryptoKey');
  return { CryptoKey, crypto: freeze({ subtle, getRandomValues: freeze(getRandomValues), randomUUID: freeze(() => host('uuid')) }) };
})
