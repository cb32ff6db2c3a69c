// URL over the `url` crate. A URL is the list of its parts; setters make a new
// list.
(function (native, platform) {
  "use strict";
  const { TypeError } = globalThis;
  const { define, list, tag, error, uncurry } = platform;
  const slice = uncurry(String.prototype.slice);

  // Where a part is in the list that Rust makes.
  const HREF = 0, PROTOCOL = 1, USERNAME = 2, PASSWORD = 3, HOST = 4, HOSTNAME = 5, PORT = 6,
    PATHNAME = 7, SEARCH = 8, HASH = 9, ORIGIN = 10;

  const text = (value) => `${value}`;
  const { attach, needed, update, URLSearchParams } = platform.searchParams;
  const invalid = (input, base) => {
    const more = base === undefined ? { input } : { input, base };
    return error(TypeError, "ERR_INVALID_URL", "Invalid URL", more);
  };

  let hrefOf;

  class URL {
    #parts;
    #params = null;
    static {
      // Search parameters were changed.
      platform.searchParams.change = (url, form) => void (url.#parts = native.changeUrl(url.#parts[HREF], "search", form) ?? url.#parts);
      hrefOf = (value) => (typeof value === "object" && value !== null && #parts in value ? value.#parts[HREF] : undefined);
    }
    constructor(input, base) {
      needed(arguments, 1, '"url" argument');
      const url = text(input);
      const against = base === undefined ? undefined : text(base);
      const parts = native.parseUrl(url, against);
      if (parts === null || parts === undefined) throw invalid(url, against);
      this.#parts = parts;
    }
    static canParse(input, base) {
      needed(arguments, 1, '"url" argument');
      return (native.parseUrl(text(input), base === undefined ? undefined : text(base)) ?? null) !== null;
    }
    static parse(input, base) {
      return URL.canParse(input, base) ? new URL(input, base) : null;
    }
    #set(part, value) {
      const parts = native.changeUrl(this.#parts[HREF], part, text(value)) ?? null;
      if (parts === null) return;
      this.#parts = parts;
    }
    get href() {
      return this.#parts[HREF];
    }
    set href(value) {
      const parts = native.parseUrl(text(value), undefined) ?? null;
      if (parts === null) throw invalid(text(value));
      this.#parts = parts;
      this.#refresh();
    }
    get origin() {
      return this.#parts[ORIGIN];
    }
    get protocol() {
      return this.#parts[PROTOCOL];
    }
    set protocol(value) {
      this.#set("protocol", value);
    }
    get username() {
      return this.#parts[USERNAME];
    }
    set username(value) {
      this.#set("username", value);
    }
    get password() {
      return this.#parts[PASSWORD];
    }
    set password(value) {
      this.#set("password", value);
    }
    get host() {
      return this.#parts[HOST];
    }
    set host(value) {
      this.#set("host", value);
    }
    get hostname() {
      return this.#parts[HOSTNAME];
    }
    set hostname(value) {
      this.#set("hostname", value);
    }
    get port() {
      return this.#parts[PORT];
    }
    set port(value) {
      this.#set("port", value);
    }
    get pathname() {
      return this.#parts[PATHNAME];
    }
    set pathname(value) {
      this.#set("pathname", value);
    }
    get search() {
      return this.#parts[SEARCH];
    }
    set search(value) {
      this.#set("search", value);
      this.#refresh();
    }
    get hash() {
      return this.#parts[HASH];
    }
    set hash(value) {
      this.#set("hash", value);
    }
    #refresh() {
      if (this.#params !== null) update(this.#params, slice(this.#parts[SEARCH], 1));
    }
    get searchParams() {
      if (this.#params === null) {
        this.#params = new URLSearchParams();
        this.#refresh();
        attach(this.#params, this);
      }
      return this.#params;
    }
    toString() {
      return this.#parts[HREF];
    }
    toJSON() {
      return this.#parts[HREF];
    }
    [platform.CUSTOM](depth, options, inspect) {
      if (typeof depth === "number" && depth < 0) return `${this.constructor.name} {}`.replace(/^(\w+) \{\}$/, "[$1]");
      const shown = {};
      for (const key of ["href", "origin", "protocol", "username", "password", "host", "hostname", "port",
        "pathname", "search", "searchParams", "hash"]) shown[key] = this[key];
      return `${this.constructor.name} ${inspect(shown, options)}`;
    }
  }
  tag(URL, "URL");
  list(URL, "canParse", "parse");
  list(URL.prototype, "href", "origin", "protocol", "username", "password", "host", "hostname", "port",
    "pathname", "search", "searchParams", "hash", "toString", "toJSON");
  platform.hrefOf = hrefOf;
  define(globalThis, { URL });
});
