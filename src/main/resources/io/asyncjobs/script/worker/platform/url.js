// URL and URLSearchParams by the reference implementation of the standard. Names of hosts beyond ASCII go through the ICU of
// the worker instead of its tables.
'use strict';
(function ({ host, library, create, allocate }) {

  function utf8Encode(text) {
    const bytes = [];
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return new Uint8Array(host('encode', text.toWellFormed(), 'utf-8', allocate));
      bytes[i] = code;
    }
    return new Uint8Array(bytes);
  }

  function utf8DecodeWithoutBOM(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] >= 0x80) {
        const all = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
        return host('decoder', 'utf-8', false)(all.buffer, all.byteOffset, all.byteLength, true);
      }
      text += String.fromCharCode(bytes[i]);
    }
    return text;
  }

  function USVString(value, { context }) {
    if (typeof value === 'symbol') throw new TypeError(context + ' is a symbol, which cannot be converted to a string');
    return String(value).toWellFormed();
  }

  const modules = create(null);
  modules.tr46 = { toASCII: (domain) => host('ascii', domain) };
  modules['webidl-conversions'] = { USVString, any: (value) => value };
  modules.encoding = { utf8Encode, utf8DecodeWithoutBOM };

  function require(path) {
    const name = path.replace(/^\.\//, '').replace(/\.js$/, '');
    modules[name] ??= library('whatwg-url/' + name + '.js', require);
    return modules[name];
  }

  // What it would put on the global object
  const found = { Object, Array, Function, TypeError, RangeError, Promise, eval: () => async function* () {} };
  require('URL').install(found, ['Worker']);
  require('URLSearchParams').install(found, ['Worker']);
  return { URL: found.URL, URLSearchParams: found.URLSearchParams };
})
