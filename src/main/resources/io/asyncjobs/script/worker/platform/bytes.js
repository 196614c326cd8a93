// Uint8Array from and to Base64 and hexadecimal digits, as ECMAScript 2026 has them.
'use strict';
(function ({ host, allocate, defineProperty, hidden }) {
  function optionsOf(options, what) {
    if (options === undefined) return {};
    if (typeof options !== 'object' || options === null) throw new TypeError('The options of ' + what + ' must be an object');
    const { alphabet, lastChunkHandling } = options;
    if (alphabet !== undefined && alphabet !== 'base64' && alphabet !== 'base64url') throw new TypeError("The option alphabet can be 'base64' or 'base64url'");
    if (lastChunkHandling !== undefined && lastChunkHandling !== 'loose' && lastChunkHandling !== 'strict') {
      throw new TypeError("The option lastChunkHandling can be 'loose' or 'strict' here");
    }
    return options;
  }

  function textOf(text, what) {
    if (typeof text !== 'string') throw new TypeError(what + ' takes a string, not ' + (text === null ? 'null' : typeof text));
    return text;
  }

  function own(array, what) {
    if (!(array instanceof Uint8Array)) throw new TypeError(what + ' is a method of Uint8Array');
    return array;
  }

  function decoded(text, kind, strict, what) {
    const buffer = host('decodeText', text, kind, strict, allocate);
    if (buffer === null) throw new SyntaxError(what + ': the text is not ' + (kind === 'hex' ? 'hexadecimal' : kind));
    return new Uint8Array(buffer);
  }

  function fromBase64(text, options) {
    const { alphabet = 'base64', lastChunkHandling } = optionsOf(options, 'fromBase64');
    return decoded(textOf(text, 'fromBase64'), alphabet, lastChunkHandling === 'strict', 'fromBase64');
  }

  function fromHex(text) {
    return decoded(textOf(text, 'fromHex'), 'hex', true, 'fromHex');
  }

  function setFrom(target, source, read) {
    if (source.length > target.length) throw new RangeError('The array has ' + target.length + ' bytes, and the text stands for ' + source.length);
    target.set(source);
    return { read, written: source.length };
  }

  const methods = {
    toBase64(options) {
      const { buffer, byteOffset, byteLength } = own(this, 'toBase64');
      const { alphabet = 'base64', omitPadding } = optionsOf(options, 'toBase64');
      return host('encodeBytes', buffer, byteOffset, byteLength, alphabet, Boolean(omitPadding));
    },
    toHex() {
      const { buffer, byteOffset, byteLength } = own(this, 'toHex');
      return host('encodeBytes', buffer, byteOffset, byteLength, 'hex', false);
    },
    setFromBase64(text, options) {
      return setFrom(own(this, 'setFromBase64'), fromBase64(text, options), text.length);
    },
    setFromHex(text) {
      return setFrom(own(this, 'setFromHex'), fromHex(text), text.length);
    },
  };
  for (const name of Object.keys(methods)) defineProperty(Uint8Array.prototype, name, hidden(methods[name]));
  defineProperty(Uint8Array, 'fromBase64', hidden(fromBase64));
  defineProperty(Uint8Array, 'fromHex', hidden(fromHex));
})
