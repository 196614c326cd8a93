// Date.prototype.toTemporalInstant comes with Temporal.
'use strict';
(function ({ room }) {
  return room('temporal');
})
