// Timers over those that the worker keeps for sleep, one at a time for each handle.
'use strict';
(function ({ host, create, apply, startTimer, stopTimer, failUncaught, room, freeze }) {
  const running = create(null);
  const then = Promise.prototype.then, settled = Promise.resolve();
  let last = 0;

  function delay(ms) {
    const wanted = Number(ms);
    return wanted >= 1 ? wanted : 1;
  }

  function call(callback, values) {
    try {
      apply(callback, undefined, values);
    } catch (reason) {
      failUncaught(reason);
    }
  }

  function start(name, callback, ms, values, again) {
    if (typeof callback !== 'function') throw new TypeError(name + ' takes a function, not ' + (callback === null ? 'null' : typeof callback));
    const handle = ++last, wait = delay(ms);
    function fire() {
      delete running[handle];
      if (again) running[handle] = startTimer(fire, wait, name, false);
      call(callback, values);
    }
    running[handle] = startTimer(fire, wait, name, false);
    return handle;
  }

  function stop(handle) {
    const id = typeof handle === 'number' || typeof handle === 'string' ? running[handle] : undefined;
    if (id === undefined) return;
    delete running[handle];
    stopTimer(id);
  }

  const setTimeout = (callback, ms = 0, ...values) => start('setTimeout', callback, ms, values, false);
  const setInterval = (callback, ms = 0, ...values) => start('setInterval', callback, ms, values, true);

  function queueMicrotask(callback) {
    if (typeof callback !== 'function') throw new TypeError('queueMicrotask takes a function');
    apply(then, settled, [() => call(callback, [])]);
  }

  const timeOrigin = Date.now() - host('millis');
  const performance = freeze({ now: freeze(() => host('millis')), timeOrigin, toJSON: freeze(() => ({ timeOrigin })) });
  return { setTimeout, setInterval, clearTimeout: (handle) => stop(handle), clearInterval: (handle) => stop(handle), queueMicrotask, performance };
})
