// Event and EventTarget as far as signals need them, and AbortController.
(function (native, platform) {
  "use strict";
  const { DOMException, setTimeout, TypeError, Error } = globalThis;

  class Event {
    #type; #prevented = false; #cancelable;
    constructor(type, { cancelable = false } = {}) {
      this.#type = String(type);
      this.#cancelable = Boolean(cancelable);
      this.target = this.currentTarget = null;
    }
    get type() { return this.#type; }
    get cancelable() { return this.#cancelable; }
    get defaultPrevented() { return this.#prevented; }
    preventDefault() { if (this.#cancelable) this.#prevented = true; }
    stopImmediatePropagation() { this.stopped = true; }
    stopPropagation() {}
  }

  class EventTarget {
    #listeners = [];
    addEventListener(type, listener, options) {
      if (listener === null || listener === undefined) return;
      const { once = false, signal } = typeof options === "object" && options !== null ? options : {};
      if (signal?.aborted || this.#listeners.some((other) => other.type === type && other.listener === listener)) return;
      this.#listeners.push({ type: String(type), listener, once: Boolean(once) });
      signal?.addEventListener("abort", () => this.removeEventListener(type, listener), { once: true });
    }
    removeEventListener(type, listener) {
      this.#listeners = this.#listeners.filter((other) => other.type !== type || other.listener !== listener);
    }
    dispatchEvent(event) {
      if (!(event instanceof Event)) throw new TypeError("dispatchEvent: the argument must be an Event");
      event.target = event.currentTarget = this;
      const handler = this[`on${event.type}`];
      const attribute = typeof handler === "function" ? [{ listener: handler }] : [];
      for (const { type, listener, once } of [...attribute, ...this.#listeners.filter(({ type }) => type === event.type)]) {
        if (event.stopped) break;
        if (once) this.removeEventListener(type, listener);
        try {
          if (typeof listener === "function") listener.call(this, event);
          else listener.handleEvent(event);
        } catch (error) {
          // Not the dispatcher's: nobody handles it.
          Promise.reject(error);
        }
      }
      return !event.defaultPrevented;
    }
  }

  const ALLOWED = {};
  let abort;
  class AbortSignal extends EventTarget {
    #aborted = false; #reason; #followers = [];
    onabort = null;
    constructor(allowed) {
      if (allowed !== ALLOWED) throw platform.coded(TypeError, "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
      super();
    }
    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }
    throwIfAborted() { if (this.#aborted) throw this.#reason; }
    get [Symbol.toStringTag]() { return "AbortSignal"; }
    [platform.SHOWN]() { return { aborted: this.#aborted }; }
    static abort(reason = new DOMException("This operation was aborted", "AbortError")) {
      const signal = new AbortSignal(ALLOWED);
      abort(signal, reason);
      return signal;
    }
    static timeout(millis) {
      if (typeof millis !== "number") {
        throw platform.coded(TypeError, "ERR_INVALID_ARG_TYPE", "AbortSignal.timeout: the delay must be a number of milliseconds");
      }
      if (!(millis >= 0 && millis <= Number.MAX_SAFE_INTEGER)) {
        throw platform.coded(RangeError, "ERR_OUT_OF_RANGE", `AbortSignal.timeout: ${millis} is no number of milliseconds`);
      }
      if (native.http.isLoading()) {
        throw new Error("AbortSignal.timeout is not available while the file is loaded, only in a handler");
      }
      const signal = new AbortSignal(ALLOWED);
      const late = () => abort(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
      setTimeout(late, millis);
      return signal;
    }
    static any(signals) {
      const signal = new AbortSignal(ALLOWED);
      const sources = [...signals];
      for (const source of sources) {
        if (!platform.isSignal(source)) {
          throw platform.coded(TypeError, "ERR_INVALID_ARG_TYPE", "AbortSignal.any: all must be signals");
        }
      }
      const first = sources.find((source) => source.#aborted);
      if (first !== undefined) abort(signal, first.#reason);
      else sources.forEach((source) => source.#followers.push((reason) => abort(signal, reason)));
      return signal;
    }
    static {
      abort = (signal, reason) => {
        if (signal.#aborted) return;
        signal.#aborted = true;
        signal.#reason = reason;
        const followers = signal.#followers;
        signal.#followers = [];
        followers.forEach((follow) => follow(reason));
        signal.dispatchEvent(new Event("abort"));
      };
      // Calls when the signal is aborted, before its listeners; gives back how
      // not to be called any more.
      platform.onAbort = (signal, call) => {
        signal.#followers.push(call);
        return () => { signal.#followers = signal.#followers.filter((other) => other !== call); };
      };
      platform.isSignal = (value) => typeof value === "object" && value !== null && #aborted in value;
    }
  }

  class AbortController {
    #signal = new AbortSignal(ALLOWED);
    get signal() { return this.#signal; }
    abort(reason = new DOMException("This operation was aborted", "AbortError")) { abort(this.#signal, reason); }
    get [Symbol.toStringTag]() { return "AbortController"; }
  }

  Object.assign(globalThis, { Event, EventTarget, AbortSignal, AbortController });
});
