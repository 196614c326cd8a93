// Decimal numbers of any size. 100 digits instead of the library's 20: a sum of what numeric columns hold is exact. They are
// written without an exponent.
'use strict';
(function ({ library }) {
  const Decimal = library('decimal.js/decimal.js');
  Decimal.set({ precision: 100, toExpNeg: -200, toExpPos: 200 });
  return { Decimal };
})
