// require: the modules that exist, and what to do about all others.
(function (native, platform) {
  "use strict";
  const { modules, uncurry } = platform;
  const get = uncurry(Map.prototype.get);
  const slice = uncurry(String.prototype.slice);
  const startsWith = uncurry(String.prototype.startsWith);

  const NO_FILES = "an action has no files";
  const NO_SOCKETS = "an action has no sockets; use fetch";
  const NO_PROCESSES = "an action has no processes and no threads";
  const BUNDLED = "bundle an npm package that does the same";
  // Node's own modules that are not here, and why.
  const MISSING = {
    __proto__: null,
    fs: NO_FILES, "fs/promises": NO_FILES, path: BUNDLED, os: NO_PROCESSES, repl: NO_PROCESSES,
    http: NO_SOCKETS, https: NO_SOCKETS, http2: NO_SOCKETS, net: NO_SOCKETS, tls: NO_SOCKETS,
    dgram: NO_SOCKETS, dns: NO_SOCKETS, "dns/promises": NO_SOCKETS,
    child_process: NO_PROCESSES, cluster: NO_PROCESSES, worker_threads: NO_PROCESSES,
    vm: NO_PROCESSES, v8: NO_PROCESSES, inspector: NO_PROCESSES,
    module: NO_FILES, readline: NO_FILES, tty: NO_FILES,
    events: BUNDLED, stream: BUNDLED, "stream/promises": BUNDLED, "stream/web": BUNDLED, zlib: BUNDLED,
    assert: BUNDLED, "assert/strict": BUNDLED, string_decoder: BUNDLED, punycode: BUNDLED,
    "timers/promises": "util.promisify(setTimeout) does the same", async_hooks: BUNDLED, diagnostics_channel: BUNDLED,
    domain: BUNDLED, constants: NO_FILES, wasi: NO_PROCESSES, test: NO_PROCESSES, sqlite: NO_FILES,
    sea: NO_PROCESSES, trace_events: NO_PROCESSES,
  };

  platform.require = (name) => {
    if (typeof name !== "string") {
      throw platform.invalidArgument("id", "of type string", name);
    }
    const plain = startsWith(name, "node:") ? slice(name, 5) : name;
    const found = get(modules, plain);
    if (found !== undefined) return found();
    const builtin = MISSING[plain];
    const why = builtin !== undefined
      ? builtin
      : "an action is one file. Bundle npm packages and other files into it first";
    throw platform.error(Error, "MODULE_NOT_FOUND", "Cannot find module '" + name + "': " + why + "; " + platform.page);
  };
});
