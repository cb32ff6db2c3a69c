// process, global and performance.
(function (native, platform) {
  "use strict";
  const { queueMicrotask, Date } = globalThis;
  const { define } = platform;
  const { apply } = Reflect;
  const { now } = Date;
  const reject = Promise.reject.bind(Promise);

  // What a microtask throws fails the handler, as a rejection that nothing
  // handles does.
  const soon = (call, self, values) => queueMicrotask(() => {
    try {
      apply(call, self, values);
    } catch (error) {
      reject(error);
    }
  });
  const checked = (call) => {
    if (typeof call !== "function") throw platform.invalidArgument("callback", "of type function", call);
  };

  // Bundles made for Node read `process.env.NODE_ENV`, compare
  // `process.version` and call `nextTick`, so this much is there. There is no
  // `process.versions` and no tag: what looks for those asks whether it may use
  // files and sockets, and gets the answer of a browser. Nothing of the
  // machine's environment is in `env`; a file may write into its own.
  const env = { NODE_ENV: "production" };
  const process = Object.freeze({
    env, argv: Object.freeze([]), version: "v22.0.0", platform: "linux", browser: false,
    cwd: () => "/",
    // Behind the microtasks that wait already, where Node puts it before them.
    nextTick(call, ...values) {
      checked(call);
      soon(call, undefined, values);
    },
    hrtime: Object.assign(
      (before) => {
        const millis = native.now();
        let seconds = Math.floor(millis / 1000);
        let nanos = Math.floor((millis % 1000) * 1e6);
        if (before !== undefined) {
          seconds -= before[0];
          nanos -= before[1];
          if (nanos < 0) {
            seconds--;
            nanos += 1e9;
          }
        }
        return [seconds, nanos];
      },
      { bigint: () => BigInt(Math.floor(native.now() * 1e6)) },
    ),
    emitWarning: (warning) => console.warn(warning),
    // Nothing is ever emitted.
    on: () => process, once: () => process, off: () => process, removeListener: () => process,
  });

  // QuickJS has one too, which counts from when the snapshot was taken.
  const performance = Object.freeze({
    now: () => native.now(),
    get timeOrigin() {
      return now() - native.now();
    },
  });
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = globalThis;
  const timers = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
  platform.modules.set("process", () => process);
  platform.modules.set("timers", () => timers);
  platform.modules.set("perf_hooks", () => ({ performance }));
  define(globalThis, {
    global: globalThis, process, performance,
    queueMicrotask(callback) {
      checked(callback);
      soon(callback, undefined, []);
    },
  });
});
