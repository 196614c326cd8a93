// Temporal, and with it Intl.DateTimeFormat for its values and Date.prototype.toTemporalInstant.
'use strict';
(function ({ host, create }) {
  // It would look for Temporal on the global object, where the getter is that has brought us here
  const found = create(null);
  host('library', 'temporal-polyfill/global.js')(undefined, undefined, undefined, found);
  return found;
})
