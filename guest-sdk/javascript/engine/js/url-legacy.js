// require("url"): the URL classes, and the API that Node had before them. Its
// parser is Node's own in its results, which are not those of `new URL`.
(function (native, platform) {
  "use strict";
  const { URL, URLSearchParams } = globalThis;
  const { error, invalidArgument, querystring } = platform;
  const UNSAFE = new Set(["javascript", "javascript:"]);
  const HOSTLESS = UNSAFE;
  const SLASHED = new Set(["http", "https", "ftp", "gopher", "file", "ws", "wss"].flatMap((name) => [name, `${name}:`]));

  function Url() {
    for (const key of ["protocol", "slashes", "auth", "host", "port", "hostname", "hash", "search", "query",
      "pathname", "path", "href"]) this[key] = null;
  }

  const invalid = (input) => error(TypeError, "ERR_INVALID_URL", "Invalid URL", { input });
  const setQuery = (url, search, parse) => {
    url.search = search;
    url.query = search === null ? null : search.slice(1);
    if (parse) url.query = querystring.parse(search === null ? "" : search.slice(1));
  };

  // Trimmed, and with the slashes that backslashes before the query stand for.
  const cleaned = (input) => {
    const text = input.replace(/^[\u0000-\u0020\u00a0\ufeff]+|[\u0000-\u0020\u00a0\ufeff]+$/g, "");
    const at = text.search(/[?#]/);
    const path = at < 0 ? text : text.slice(0, at);
    return path.replaceAll("\\", "/") + text.slice(path.length);
  };

  // Takes the host off the text, as far as it is one: what is left.
  const takeHost = (url, rest, input) => {
    const mark = rest.search(/[#/?]/);
    const head = (mark < 0 ? rest : rest.slice(0, mark)).replace(/[\t\n\r]/g, "");
    const whole = mark < 0 ? head : head + rest.slice(mark);
    const end = head.length;
    const at = whole.lastIndexOf("@", end - 1);
    const start = end > 0 && at >= 0 ? at + 1 : 0;
    if (start > 0) {
      try {
        url.auth = decodeURIComponent(whole.slice(0, at));
      } catch {
        throw error(URIError, "ERR_INVALID_URI", "URI malformed");
      }
    }
    const wrong = whole.slice(start, end).search(/[ "%';<>\\^`{|}]/);
    const stop = wrong < 0 ? end : start + wrong;
    let host = whole.slice(start, stop);
    rest = whole.slice(stop);
    const port = /:[0-9]*$/.exec(host);
    if (port !== null) {
      if (port[0] !== ":") url.port = port[0].slice(1);
      host = host.slice(0, host.length - port[0].length);
    }
    const six = host.startsWith("[") && host.endsWith("]");
    if (!six) {
      const colon = host.search(/[/\\#?:]/);
      if (colon >= 0) {
        rest = `/${host.slice(colon)}${rest}`;
        host = host.slice(0, colon);
      }
    }
    host = host.length > 255 ? "" : host.toLowerCase();
    if (host !== "") {
      if (six) {
        if (/[\0\t\n\r #%/<>?@\\^|]/.test(host)) throw invalid(input);
      } else {
        if (/[^\x00-\x7f]/.test(host)) host = native.domainToAscii(host);
        if (host === "" || /[\0\t\n\r #%/:<>?@[\\\]^|]/.test(host)) throw invalid(input);
      }
    }
    url.host = host + (url.port ? `:${url.port}` : "");
    url.hostname = six ? host.slice(1, -1) : host;
    return six && rest[0] !== "/" ? `/${rest}` : rest;
  };

  Url.prototype.parse = function (input, parseQuery, slashesDenoteHost) {
    if (typeof input !== "string") throw invalidArgument("url", "of type string", input);
    let rest = cleaned(input);
    if (!slashesDenoteHost && !rest.includes("#") && !/^[^?]*@/.test(rest)) {
      const simple = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/.exec(rest);
      if (simple !== null) {
        this.path = this.href = rest;
        this.pathname = simple[1];
        if (simple[2] || parseQuery) setQuery(this, simple[2] ?? null, parseQuery);
        return this;
      }
    }
    const scheme = /^[a-z0-9.+-]+:/i.exec(rest)?.[0];
    const protocol = scheme?.toLowerCase();
    if (scheme !== undefined) {
      this.protocol = protocol;
      rest = rest.slice(scheme.length);
    }
    let slashes = false;
    if (slashesDenoteHost || scheme || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
      slashes = rest.startsWith("//");
      if (slashes && !(scheme && HOSTLESS.has(protocol))) {
        rest = rest.slice(2);
        this.slashes = true;
      }
    }
    if (!HOSTLESS.has(protocol) && (slashes || (scheme && !SLASHED.has(scheme)))) rest = takeHost(this, rest, input);
    if (!UNSAFE.has(protocol)) {
      rest = rest.replace(/[\t\n\r "'<>\\^`{|}]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
    }
    const hash = rest.indexOf("#");
    if (hash >= 0) {
      this.hash = rest.slice(hash);
      rest = rest.slice(0, hash);
    }
    const question = rest.indexOf("?");
    if (question >= 0 || parseQuery) setQuery(this, question < 0 ? null : rest.slice(question), parseQuery);
    const path = question < 0 ? rest : rest.slice(0, question);
    if (path !== "") this.pathname = path;
    if (SLASHED.has(protocol) && this.hostname && !this.pathname) this.pathname = "/";
    if (this.pathname || this.search) this.path = (this.pathname || "") + (this.search || "");
    this.href = this.format();
    return this;
  };

  Url.prototype.format = function () {
    let auth = this.auth || "";
    if (auth) auth = `${encodeURIComponent(auth).replace(/%3A/gi, ":")}@`;
    let protocol = this.protocol || "";
    let pathname = this.pathname || "";
    let hash = this.hash || "";
    let host = "";
    if (this.host) {
      host = auth + this.host;
    } else if (this.hostname) {
      const six = this.hostname.includes(":") && !this.hostname.startsWith("[");
      host = auth + (six ? `[${this.hostname}]` : this.hostname) + (this.port ? `:${this.port}` : "");
    }
    const query = this.query !== null && typeof this.query === "object" ? querystring.stringify(this.query) : "";
    let search = this.search || (query && `?${query}`) || "";
    if (protocol && !protocol.endsWith(":")) protocol += ":";
    pathname = pathname.replaceAll("#", "%23").replaceAll("?", "%3F");
    if (this.slashes || SLASHED.has(protocol)) {
      if (this.slashes || host) {
        if (pathname && pathname[0] !== "/") pathname = `/${pathname}`;
        host = `//${host}`;
      } else if (protocol.startsWith("file")) {
        host = "//";
      }
    }
    search = search.replaceAll("#", "%23");
    if (hash && hash[0] !== "#") hash = `#${hash}`;
    if (search && search[0] !== "?") search = `?${search}`;
    return protocol + host + pathname + search + hash;
  };

  const parse = (input, parseQuery, slashesDenoteHost) =>
    input instanceof Url ? input : new Url().parse(input, parseQuery, slashesDenoteHost);

  const format = (url, options) => {
    if (typeof url === "string") return parse(url).format();
    if (typeof url !== "object" || url === null) throw invalidArgument("urlObject", "one of type object or string", url);
    if (platform.hrefOf(url) === undefined) return Reflect.apply(Url.prototype.format, url, []);
    const shown = new URL(url.href);
    if (options?.fragment === false) shown.hash = "";
    if (options?.search === false) shown.search = "";
    if (options?.auth === false) shown.username = shown.password = "";
    return options?.unicode && shown.hostname !== ""
      ? shown.href.replace(shown.hostname, () => native.domainToUnicode(shown.hostname)) : shown.href;
  };

  platform.legacyUrl = { Url, parse, SLASHED, HOSTLESS };
  const module = {
    URL, URLSearchParams, Url, parse, format,
    resolve: (from, to) => platform.resolveUrl(from, to).format(),
    resolveObject: (from, to) => (from ? platform.resolveUrl(from, to) : to),
    domainToASCII: (domain) => native.domainToAscii(`${domain}`),
    domainToUnicode: (domain) => native.domainToUnicode(`${domain}`),
    urlToHttpOptions: (url) => ({
      __proto__: null, ...url, protocol: url.protocol,
      hostname: url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname,
      hash: url.hash, search: url.search, pathname: url.pathname, path: `${url.pathname}${url.search}`, href: url.href,
      ...(url.port !== "" ? { port: Number(url.port) } : {}),
      ...(url.username || url.password
        ? { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` } : {}),
    }),
  };
  platform.modules.set("url", () => module);
});
