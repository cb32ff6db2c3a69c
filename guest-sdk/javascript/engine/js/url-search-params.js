// URLSearchParams over the `url` crate: names and values in turn.
(function (native, platform) {
  "use strict";
  const { TypeError } = globalThis;
  const { define, list, tag, error, uncurry } = platform;
  const { iterator } = Symbol;
  const startsWith = uncurry(String.prototype.startsWith);
  const slice = uncurry(String.prototype.slice);
  const splice = uncurry(Array.prototype.splice);
  const push = uncurry(Array.prototype.push);
  const sort = uncurry(Array.prototype.sort);

  const text = (value) => `${value}`;
  const needed = (given, count, what) => {
    if (given.length >= count) return;
    throw error(TypeError, "ERR_MISSING_ARGS", `The ${what} must be specified`);
  };

  // Set by the class: what outsiders must not reach.
  let update, attach;

  class URLSearchParams {
    // Names and values in turn.
    #pairs = [];
    #url = null;
    static {
      update = (params, search) => void (params.#pairs = native.parseForm(search));
      attach = (params, url) => void (params.#url = url);
    }
    constructor(init) {
      if (init === undefined || init === null) return;
      if (typeof init !== "object" && typeof init !== "function") {
        const form = text(init);
        this.#pairs = native.parseForm(startsWith(form, "?") ? slice(form, 1) : form);
        return;
      }
      if (#pairs in init && init[iterator] === URLSearchParams.prototype[iterator]) {
        this.#pairs = [...init.#pairs];
        return;
      }
      const each = init[iterator];
      if (each !== undefined && each !== null) this.#fromPairs(init, each);
      else this.#fromRecord(init);
    }
    #fromPairs(init, each) {
      if (typeof each !== "function") {
        throw error(TypeError, "ERR_ARG_NOT_ITERABLE", "Query pairs must be iterable");
      }
      for (const pair of init) {
        if (pair === null || (typeof pair !== "object" && typeof pair !== "function") || typeof pair[iterator] !== "function") {
          throw error(TypeError, "ERR_INVALID_TUPLE", "Each query pair must be an iterable [name, value] tuple");
        }
        const both = [...pair];
        if (both.length !== 2) {
          throw error(TypeError, "ERR_INVALID_TUPLE", "Each query pair must be an iterable [name, value] tuple");
        }
        push(this.#pairs, text(both[0]).toWellFormed(), text(both[1]).toWellFormed());
      }
    }
    #fromRecord(init) {
      const values = new Map();
      for (const key of Reflect.ownKeys(init)) {
        if (Object.prototype.propertyIsEnumerable.call(init, key)) {
          values.set(text(key).toWellFormed(), text(init[key]).toWellFormed());
        }
      }
      for (const pair of values) push(this.#pairs, pair[0], pair[1]);
    }
    #changed() {
      if (this.#url !== null) platform.searchParams.change(this.#url, native.writeForm(this.#pairs));
    }
    get size() {
      return this.#pairs.length / 2;
    }
    append(name, value) {
      needed(arguments, 2, '"name" and "value" arguments');
      push(this.#pairs, text(name).toWellFormed(), text(value).toWellFormed());
      this.#changed();
    }
    delete(name, value) {
      needed(arguments, 1, '"name" argument');
      const wanted = text(name).toWellFormed();
      const only = value === undefined ? undefined : text(value).toWellFormed();
      const pairs = this.#pairs;
      for (let i = pairs.length - 2; i >= 0; i -= 2) {
        if (pairs[i] === wanted && (only === undefined || pairs[i + 1] === only)) splice(pairs, i, 2);
      }
      this.#changed();
    }
    get(name) {
      needed(arguments, 1, '"name" argument');
      const wanted = text(name).toWellFormed();
      for (let i = 0; i < this.#pairs.length; i += 2) {
        if (this.#pairs[i] === wanted) return this.#pairs[i + 1];
      }
      return null;
    }
    getAll(name) {
      needed(arguments, 1, '"name" argument');
      const wanted = text(name).toWellFormed();
      const all = [];
      for (let i = 0; i < this.#pairs.length; i += 2) {
        if (this.#pairs[i] === wanted) push(all, this.#pairs[i + 1]);
      }
      return all;
    }
    has(name, value) {
      needed(arguments, 1, '"name" argument');
      const wanted = text(name).toWellFormed();
      const only = value === undefined ? undefined : text(value).toWellFormed();
      for (let i = 0; i < this.#pairs.length; i += 2) {
        if (this.#pairs[i] === wanted && (only === undefined || this.#pairs[i + 1] === only)) return true;
      }
      return false;
    }
    set(name, value) {
      needed(arguments, 2, '"name" and "value" arguments');
      const wanted = text(name).toWellFormed();
      const only = text(value).toWellFormed();
      const pairs = this.#pairs;
      let first = -1;
      for (let i = 0; i < pairs.length && first < 0; i += 2) {
        if (pairs[i] === wanted) first = i;
      }
      if (first < 0) {
        push(pairs, wanted, only);
      } else {
        for (let i = pairs.length - 2; i > first; i -= 2) {
          if (pairs[i] === wanted) splice(pairs, i, 2);
        }
        pairs[first + 1] = only;
      }
      this.#changed();
    }
    // By code units, those of equal names in the order they had.
    sort() {
      const pairs = [];
      for (let i = 0; i < this.#pairs.length; i += 2) push(pairs, [this.#pairs[i], this.#pairs[i + 1]]);
      sort(pairs, (one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0));
      const sorted = [];
      for (let i = 0; i < pairs.length; i++) push(sorted, pairs[i][0], pairs[i][1]);
      this.#pairs = sorted;
      this.#changed();
    }
    forEach(callback, self) {
      if (typeof callback !== "function") throw platform.invalidArgument("callback", "of type function", callback);
      for (let i = 0; i < this.#pairs.length; i += 2) {
        Reflect.apply(callback, self, [this.#pairs[i + 1], this.#pairs[i], this]);
      }
    }
    *#walk(pick) {
      for (let i = 0; i < this.#pairs.length; i += 2) yield pick(this.#pairs[i], this.#pairs[i + 1]);
    }
    // Brands are checked at the call, not at the first step.
    entries() {
      return this.#walk((name, value) => [name, value]);
    }
    keys() {
      return this.#walk((name) => name);
    }
    values() {
      return this.#walk((_, value) => value);
    }
    toString() {
      return native.writeForm(this.#pairs);
    }
    [platform.CUSTOM](depth, options, inspect) {
      if (typeof depth === "number" && depth < 0) return "[Object]";
      const shown = [];
      for (let i = 0; i < this.#pairs.length; i += 2) {
        push(shown, `${inspect(this.#pairs[i], options)} => ${inspect(this.#pairs[i + 1], options)}`);
      }
      if (shown.length === 0) return "URLSearchParams {}";
      const line = shown.join(", ");
      return line.length <= options.breakLength
        ? `URLSearchParams { ${line} }` : `URLSearchParams {\n  ${shown.join(",\n  ")} }`;
    }
  }
  define(URLSearchParams.prototype, { [iterator]: URLSearchParams.prototype.entries });
  tag(URLSearchParams, "URLSearchParams");
  list(URLSearchParams.prototype, "append", "delete", "get", "getAll", "has", "set", "sort", "size",
    "entries", "forEach", "keys", "values", "toString");
  // For url.js, which says what a change does to the URL they are of.
  platform.searchParams = { attach, needed, update, URLSearchParams, change: undefined };
  define(globalThis, { URLSearchParams });
});
