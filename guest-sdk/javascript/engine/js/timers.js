// Timers. They really wait; what is still waiting when a handler ends is
// dropped.
(function (native, platform) {
  "use strict";
  const waiting = new Map();
  let last = 0;

  const start = (name, call, millis, repeat, values) => {
    if (typeof call !== "function") {
      throw new TypeError(`${name}: the callback must be a function`);
    }
    const id = ++last;
    const delay = Number(millis);
    if (!native.startTimer(id, delay)) {
      throw new Error(`${name} is not available while the file is loaded, only in a handler`);
    }
    waiting.set(id, { call, values, repeat, delay });
    return id;
  };
  const stop = (id) => {
    if (waiting.delete(Number(id))) native.stopTimer(Number(id));
  };

  platform.fireTimer = (id) => {
    const timer = waiting.get(id);
    if (timer === undefined) return;
    if (timer.repeat) native.startTimer(id, timer.delay);
    else waiting.delete(id);
    timer.call.apply(undefined, timer.values);
  };

  globalThis.setTimeout = (call, millis = 0, ...values) => start("setTimeout", call, millis, false, values);
  globalThis.setInterval = (call, millis = 0, ...values) => start("setInterval", call, millis, true, values);
  globalThis.setImmediate = (call, ...values) => start("setImmediate", call, 0, false, values);
  globalThis.clearTimeout = globalThis.clearInterval = globalThis.clearImmediate = stop;
});
