// Errors as an author wants them: name, message, and a stack with the frames
// that are the file's own.
(function (native, platform) {
  "use strict";
  const { Error } = globalThis;
  const { uncurry } = platform;
  const { apply, defineProperty } = Reflect;
  const { isError } = Error;
  const { isArray } = Array;
  const includes = uncurry(String.prototype.includes);
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const trim = uncurry(String.prototype.trim);
  const startsWith = uncurry(String.prototype.startsWith);
  const toString = String;

  const ours = (line) => includes(line, "flowhost:") || includes(line, "(native)");

  // Frames without those of the platform, one a line.
  const filtered = (stack) => {
    let frames = "";
    for (let from = 0; from < stack.length; ) {
      let end = indexOf(stack, "\n", from);
      if (end < 0) end = stack.length;
      const line = slice(stack, from, end);
      if (trim(line) !== "" && !ours(line)) frames += frames === "" ? line : "\n" + line;
      from = end + 1;
    }
    return frames;
  };

  // Where QuickJS keeps an error's frames: without the line that says what it
  // is, which is written when somebody asks for it. That costs nothing at the
  // throw; unlike in Node it shows what the error's name and message are now.
  const internal = Object.getOwnPropertyDescriptor(Error.prototype, "stack");
  const getFrames = uncurry(internal.get);
  platform.define(Error.prototype, {
    get stack() {
      const frames = getFrames(this);
      if (typeof frames !== "string") return frames;
      const own = filtered(frames);
      return own === "" ? headline(this) : headline(this) + "\n" + own;
    },
    set stack(value) {
      defineProperty(this, "stack", { __proto__: null, value, writable: true, configurable: true, enumerable: false });
    },
  });
  // What captured is an own property: it gets its line at once, as in Node.
  const { captureStackTrace } = Error;
  platform.define(Error, {
    captureStackTrace(object, from) {
      apply(captureStackTrace, Error, from === undefined ? [object, Error.captureStackTrace] : [object, from]);
      // With `Error.prepareStackTrace` it is whatever that made of it.
      if (typeof object.stack !== "string") return;
      const own = filtered(object.stack);
      object.stack = own === "" ? headline(object) : headline(object) + "\n" + own;
    },
  });

  // A property as text, or the fallback: errors may be made to mislead.
  const text = (object, key, fallback) => {
    try {
      const value = object[key];
      return value === undefined || value === null ? fallback : toString(value);
    } catch {
      return fallback;
    }
  };
  // `Name: message`
  const headline = (error) => {
    const name = text(error, "name", "Error");
    const message = text(error, "message", "");
    if (message === "") return name;
    return name === "" ? message : name + ": " + message;
  };

  platform.isError = (value) => {
    try {
      return typeof value === "object" && value !== null && (isError(value) || value instanceof Error);
    } catch {
      return false;
    }
  };

  const MOST_CAUSES = 8;

  // The errors that one stands for, as `Promise.any` throws it.
  const together = (error) => {
    if (!isArray(error.errors)) return "";
    let all = "";
    for (let i = 0; i < error.errors.length && i < MOST_CAUSES; i++) {
      const one = error.errors[i];
      all += "\n    error " + (i + 1) + ": " + (platform.isError(one) ? headline(one) : platform.show(one));
    }
    return all;
  };

  // Headline, own frames, and its causes.
  platform.errorText = (error) => {
    let all = "";
    for (let depth = 0; depth < MOST_CAUSES; depth++) {
      const head = headline(error);
      const stack = text(error, "stack", "");
      if (depth > 0) all += "\ncaused by: ";
      all += startsWith(stack, head) ? stack : stack === "" ? head : includes(stack, head) ? stack : head + "\n" + filtered(stack);
      let cause;
      try {
        all += together(error);
        cause = error.cause;
      } catch {
        return all;
      }
      if (cause === undefined || cause === null) return all;
      if (!platform.isError(cause)) return all + "\ncaused by: " + platform.show(cause);
      error = cause;
    }
    return all + "\n…";
  };

  // Names that files know from elsewhere and that are not here.
  const BROWSER = "an action does not run in a browser";
  const MISSING = {
    __proto__: null,
    Intl: "format with Date and string functions",
    WebAssembly: "an action cannot load WebAssembly",
    XMLHttpRequest: "use fetch", Worker: "an action has one thread", WebSocket: "use fetch",
    EventSource: "use fetch", localStorage: BROWSER, sessionStorage: BROWSER, window: BROWSER,
    document: BROWSER, navigator: BROWSER, location: BROWSER, indexedDB: BROWSER,
    alert: "use console.log", self: "use globalThis",
    Blob: "use Buffer", File: "use Buffer",
    ReadableStream: "bodies are read as a whole", WritableStream: "bodies are read as a whole",
    TransformStream: "bodies are read as a whole", MessageChannel: "use queueMicrotask",
    BroadcastChannel: "an action has nobody to send to", SharedWorker: "an action has one thread",
    URLPattern: "use a regular expression", Deno: "this is not Deno", Bun: "this is not Bun",
    CompressionStream: "bundle a package that has it", DecompressionStream: "bundle a package that has it",
    auth0: "bundle the npm package auth0 and call it", configuration: "use event.configuration",
  };
  const PAGE = "what exists is listed in guest-sdk/javascript/README.md#what-exists";
  platform.page = PAGE;
  const END = " is not defined";
  const hinted = (name, message) => {
    if (name !== "ReferenceError") return message;
    const at = indexOf(message, END);
    if (at <= 0 || at + END.length !== message.length) return message;
    const hint = MISSING[slice(message, 0, at)];
    return hint === undefined ? message : message + ": " + hint + "; " + PAGE;
  };

  platform.describe = (thrown) => {
    if (!platform.isError(thrown)) return ["Uncaught", platform.show(thrown), null];
    const name = text(thrown, "name", "Error") || "Error";
    const message = text(thrown, "message", "");
    const better = hinted(name, message);
    let stack = platform.errorText(thrown);
    const head = headline(thrown);
    if (better !== message && startsWith(stack, head)) stack = name + ": " + better + slice(stack, head.length);
    return [name, better, stack];
  };

  const { getPrototypeOf } = Object;
  const generators = [getPrototypeOf(function* () {}), getPrototypeOf(async function* () {})];
  platform.isGenerator = (value) => {
    if (typeof value !== "function") return false;
    const prototype = getPrototypeOf(value);
    return prototype === generators[0] || prototype === generators[1];
  };

  // A promise of what has a `then` of its own.
  platform.promised = async (value) => {
    await value;
  };
});
