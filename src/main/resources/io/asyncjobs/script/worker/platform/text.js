// Text and bytes: UTF-8 both ways, other charsets by the worker's decoders, Base64.
'use strict';
(function ({ host, create, freeze, allocate, bytesOf, toStringTag, room }) {
  const LABELS = {
    __proto__: null, utf8: 'utf-8', 'unicode-1-1-utf-8': 'utf-8', 'utf-16': 'utf-16le', ascii: 'windows-1252', 'us-ascii': 'windows-1252',
    'iso-8859-1': 'windows-1252', iso8859_1: 'windows-1252', latin1: 'windows-1252', l1: 'windows-1252', cp1252: 'windows-1252', 'x-cp1252': 'windows-1252',
    cp1250: 'windows-1250', cp1251: 'windows-1251', latin2: 'iso-8859-2', latin9: 'iso-8859-15', sjis: 'shift_jis', 'x-sjis': 'shift_jis', ksc5601: 'euc-kr', gb2312: 'gbk',
  };

  function labelOf(given) {
    const label = String(given).trim().toLowerCase();
    return LABELS[label] ?? label;
  }

  function bytes(value, what) {
    const found = bytesOf(value);
    if (found === null) throw new TypeError(what + ' takes a Uint8Array, another view or an ArrayBuffer');
    return found;
  }

  function utf8(text) {
    return new Uint8Array(host('encode', String(text).toWellFormed(), 'utf-8', allocate));
  }

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      return utf8(text);
    }
    encodeInto(text, target) {
      if (!(target instanceof Uint8Array)) throw new TypeError('encodeInto takes a Uint8Array');
      let read = 0, written = 0;
      for (const character of String(text).toWellFormed()) {
        const code = character.codePointAt(0), size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (written + size > target.length) break;
        target.set(size === 1 ? [code] : utf8(character), written);
        written += size;
        read += character.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    #decode = null;
    #encoding;
    #fatal;
    #ignoreBOM;
    #begun = false;
    constructor(label = 'utf-8', options = {}) {
      this.#encoding = labelOf(label);
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBOM = Boolean(options?.ignoreBOM);
      this.#decode = host('decoder', this.#encoding, this.#fatal);
      if (this.#decode === null) throw new RangeError('TextDecoder: there is no charset "' + label + '" here');
    }
    get encoding() {
      return this.#encoding;
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBOM;
    }
    decode(input, options = {}) {
      const { buffer, byteOffset, byteLength } = input === undefined ? new Uint8Array(0) : bytes(input, 'decode');
      const last = !options?.stream;
      let text = this.#decode(buffer, byteOffset, byteLength, last);
      if (text === null) {
        this.#begun = false;
        throw new TypeError('decode: the bytes are not ' + this.#encoding);
      }
      if (text !== '' && !this.#begun) {
        if (!this.#ignoreBOM && text[0] === '\ufeff') text = text.slice(1);
        this.#begun = true;
      }
      if (last) this.#begun = false;
      return text;
    }
  }

  function invalid(what) {
    const { DOMException } = room('events');
    return new DOMException(what, 'InvalidCharacterError');
  }

  function btoa(given) {
    const text = String(given);
    const encoded = host('btoa', text);
    if (encoded === null) throw invalid('btoa takes characters up to U+00FF only; for other text, new TextEncoder().encode(text).toBase64()');
    return encoded;
  }

  function atob(given) {
    const decoded = host('atob', String(given));
    if (decoded === null) throw invalid('atob: the text is not Base64');
    return decoded;
  }

  function encode(text, charset = 'utf-8') {
    if (typeof text !== 'string') throw new TypeError('charset.encode takes a string');
    const label = labelOf(charset);
    const encoded = host('encode', text, label, allocate);
    if (encoded === -1) throw new RangeError('charset.encode: there is no charset "' + charset + '" here');
    if (typeof encoded === 'string') throw new TypeError('charset.encode: ' + label + ' has no ' + encoded);
    return new Uint8Array(encoded);
  }

  function decode(input, charset = 'utf-8') {
    return new TextDecoder(charset, { fatal: true }).decode(input);
  }

  toStringTag(TextEncoder, 'TextEncoder');
  toStringTag(TextDecoder, 'TextDecoder');
  return { TextEncoder, TextDecoder, atob, btoa, charset: freeze({ encode: freeze(encode), decode: freeze(decode) }) };
})
