// Timers. They really wait; what is still waiting when a handler ends is
// dropped.
(function (native, platform) {
  "use strict";
  const { uncurry } = platform;
  const { apply } = Reflect;
  const { parseFloat } = Number;
  const get = uncurry(Map.prototype.get);
  const set = uncurry(Map.prototype.set);
  const remove = uncurry(Map.prototype.delete);
  const has = uncurry(Map.prototype.has);
  const waiting = new Map();
  let last = 0;

  // What Node returns: an object that can be cleared by its number as well.
  class Timeout {
    #id;
    #counts = true;
    constructor(id) {
      this.#id = id;
    }
    // Nothing outlives a handler, so a timer never keeps anything alive.
    ref() {
      this.#counts = true;
      return this;
    }
    unref() {
      this.#counts = false;
      return this;
    }
    hasRef() {
      return this.#counts;
    }
    refresh() {
      const timer = get(waiting, this.#id);
      if (timer !== undefined) {
        native.stopTimer(this.#id);
        native.startTimer(this.#id, timer.delay);
      }
      return this;
    }
    close() {
      stop(this);
      return this;
    }
    [Symbol.toPrimitive]() {
      return this.#id;
    }
    static id(timer) {
      if (typeof timer === "number") return timer;
      if (typeof timer === "string") return parseFloat(timer);
      return typeof timer === "object" && timer !== null && #id in timer ? timer.#id : undefined;
    }
  }
  const idOf = Timeout.id;
  delete Timeout.id;
  class Immediate extends Timeout {}

  const start = (name, Class, call, millis, repeat, values) => {
    if (typeof call !== "function") {
      throw platform.invalidArgument("callback", "of type function", call);
    }
    const id = ++last;
    // Only an immediate is due at once.
    const delay = Class === Immediate ? 0 : +millis || 1;
    if (!native.startTimer(id, delay)) {
      throw new Error(`${name} is not available while the file is loaded, only in a handler`);
    }
    set(waiting, id, { call, values, repeat, delay });
    return new Class(id);
  };
  const stop = (timer) => {
    const id = idOf(timer);
    if (id !== undefined && remove(waiting, id)) native.stopTimer(id);
  };

  platform.fireTimer = (id) => {
    const timer = get(waiting, id);
    if (timer === undefined) return;
    if (!timer.repeat) remove(waiting, id);
    try {
      apply(timer.call, undefined, timer.values);
    } finally {
      // Unless it was cleared by what it called.
      if (timer.repeat && has(waiting, id)) native.startTimer(id, timer.delay);
    }
  };

  platform.define(globalThis, {
    setTimeout(call, millis, ...values) {
      return start("setTimeout", Timeout, call, millis, false, values);
    },
    setInterval(call, millis, ...values) {
      return start("setInterval", Timeout, call, millis, true, values);
    },
    setImmediate(call, ...values) {
      return start("setImmediate", Immediate, call, 0, false, values);
    },
    clearTimeout: stop, clearInterval: stop, clearImmediate: stop,
  });
});
