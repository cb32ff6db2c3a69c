// Request and Response: heads, and bodies that can be read once.
(function (native, platform) {
  "use strict";
  const { Headers, JSON, TypeError, RangeError } = globalThis;
  const SECRET = {};

  // A body of anything: [type, bytes].
  const extract = (body) => {
    if (body === undefined || body === null) return [null, null];
    if (platform.isFormData(body)) {
      const [type, text] = platform.multipart(body);
      return [type, platform.utf8(text)];
    }
    const bytes = platform.bytesOf(body);
    if (bytes !== undefined) return [null, platform.copyOf(bytes)];
    const { URLSearchParams } = globalThis;
    if (URLSearchParams !== undefined && body instanceof URLSearchParams) {
      return ["application/x-www-form-urlencoded;charset=UTF-8", platform.utf8(body)];
    }
    if (typeof body === "object" && (typeof body.getReader === "function" || Symbol.asyncIterator in body)) {
      throw new TypeError(platform.missing("a body that is a stream"));
    }
    return ["text/plain;charset=UTF-8", platform.utf8(body)];
  };

  class Body {
    // Bytes, or a promise of them; null where there is no body.
    #source = null;
    #used = false;
    get bodyUsed() { return this.#used; }
    get body() {
      if (this.#source === null) return null;
      throw new TypeError(platform.missing("a body as a stream (`.body`); text(), json(), arrayBuffer() and bytes() do, and it"));
    }
    #take() {
      if (this.#used) throw new TypeError("Body is unusable: Body has already been read");
      if (this.#source === null) return new Uint8Array(0);
      this.#used = true;
      return this.#source;
    }
    async bytes() { return platform.copyOf(await this.#take()); }
    async arrayBuffer() { return (await this.bytes()).buffer; }
    async text() {
      const text = native.crypto.encode("utf8", await this.#take());
      return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
    async json() { return JSON.parse(await this.text()); }
    async blob() { throw new TypeError(platform.missing("blob()")); }
    async formData() { throw new TypeError(platform.missing("formData()")); }
    static {
      platform.setBody = (message, source) => { message.#source = source; };
      platform.bodyOf = (message) => {
        if (message.#used) throw new TypeError("Cannot construct a Request with a Request object that has already been used.");
        return message.#source;
      };
      platform.useBody = (message) => { message.#used = message.#source !== null; };
      platform.checkCloneable = (message, what) => {
        if (message.#used) throw new TypeError(`${what}.clone: Body has already been consumed.`);
      };
    }
  }

  const NORMAL = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
  const methodOf = (method) => {
    const text = String(method);
    const upper = text.toUpperCase();
    if (!platform.isToken(text) || ["CONNECT", "TRACE", "TRACK"].includes(upper)) {
      throw new TypeError(`'${text}' is not a valid HTTP method.`);
    }
    return NORMAL.includes(upper) ? upper : text;
  };

  class Request extends Body {
    #url; #method = "GET"; #headers; #redirect = "follow"; #signal;
    constructor(input, init = {}) {
      super();
      if (input === undefined) throw new TypeError("Request constructor: 1 argument required, but only 0 present.");
      const options = init ?? {};
      const from = typeof input === "object" && input !== null && #url in input ? input : undefined;
      if (from === undefined) {
        const parsed = native.http.parseUrl(String(input).toWellFormed());
        if (!parsed) throw new TypeError(`Failed to parse URL from ${String(input)}`);
        if (parsed[3]) throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${String(input)}`);
        this.#url = parsed[0];
      } else {
        this.#url = from.#url;
        this.#method = from.#method;
        this.#redirect = from.#redirect;
      }
      if (options.method !== undefined) this.#method = methodOf(options.method);
      if (options.redirect !== undefined) {
        if (!["follow", "error", "manual"].includes(options.redirect)) {
          throw new TypeError(`Request constructor: ${String(options.redirect)} is not an accepted type. Expected one of follow, error, manual.`);
        }
        this.#redirect = options.redirect;
      }
      const signal = options.signal === undefined ? from?.#signal : options.signal;
      if (signal !== undefined && signal !== null && !platform.isSignal(signal)) {
        throw new TypeError("Request constructor: Expected signal to be an instance of AbortSignal.");
      }
      this.#signal = signal ?? undefined;
      this.#headers = new Headers(options.headers === undefined ? from?.#headers : options.headers);
      const inherited = from !== undefined && (options.body === undefined || options.body === null);
      const [type, bytes] = inherited ? [null, platform.bodyOf(from)] : extract(options.body);
      if (bytes !== null && (this.#method === "GET" || this.#method === "HEAD")) {
        throw new TypeError("Request with GET/HEAD method cannot have body.");
      }
      platform.setBody(this, bytes);
      if (inherited) platform.useBody(from);
      if (type !== null && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
    }
    get url() { return this.#url; }
    get method() { return this.#method; }
    get headers() { return this.#headers; }
    get redirect() { return this.#redirect; }
    get signal() { return (this.#signal ??= new AbortController().signal); }
    get mode() { return "cors"; }
    get credentials() { return "same-origin"; }
    get cache() { return "default"; }
    get duplex() { return "half"; }
    clone() {
      platform.checkCloneable(this, "Request");
      const body = platform.bodyOf(this);
      const clone = new Request(this.#url, { method: this.#method, headers: this.#headers, redirect: this.#redirect, signal: this.#signal });
      platform.setBody(clone, body);
      return clone;
    }
    get [Symbol.toStringTag]() { return "Request"; }
    [platform.SHOWN]() {
      const { method, url, headers, redirect, bodyUsed } = this;
      return { method, url, headers, redirect, bodyUsed };
    }
    static {
      platform.signalOf = (request) => request.#signal;
    }
  }

  class Response extends Body {
    #head; #headers;
    constructor(body = null, init = {}, secret) {
      super();
      if (secret === SECRET) {
        this.#head = init;
        this.#headers = init.headers;
        platform.setBody(this, body);
        return;
      }
      const { status = 200, statusText = "", headers } = init ?? {};
      if (!(status >= 200 && status <= 599)) {
        throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
      }
      this.#head = { status: Math.trunc(status), statusText: String(statusText), url: "", redirected: false, type: "default" };
      this.#headers = new Headers(headers);
      const [type, bytes] = extract(body);
      if (bytes !== null && [101, 204, 205, 304].includes(this.#head.status)) {
        throw new TypeError(`Response constructor: Invalid response status code ${status}`);
      }
      platform.setBody(this, bytes);
      if (type !== null && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
    }
    get status() { return this.#head.status; }
    get ok() { return this.#head.status >= 200 && this.#head.status <= 299; }
    get statusText() { return this.#head.statusText; }
    get url() { return this.#head.url; }
    get redirected() { return this.#head.redirected; }
    get type() { return this.#head.type; }
    get headers() { return this.#headers; }
    clone() {
      platform.checkCloneable(this, "Response");
      return new Response(platform.bodyOf(this), { ...this.#head, headers: new Headers(this.#headers) }, SECRET);
    }
    get [Symbol.toStringTag]() { return "Response"; }
    [platform.SHOWN]() {
      const { status, statusText, headers, bodyUsed, ok, redirected, type, url } = this;
      return { status, statusText, headers, bodyUsed, ok, redirected, type, url };
    }
    static json(value, init = {}) {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError("Value is not JSON serializable");
      const headers = new Headers(init?.headers);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
      return new Response(text, { ...init, headers });
    }
    static error() {
      return new Response(null, { status: 0, statusText: "", url: "", redirected: false, type: "error", headers: new Headers() }, SECRET);
    }
    static redirect(url, status = 302) {
      const parsed = native.http.parseUrl(String(url).toWellFormed());
      if (!parsed) throw new TypeError(`Failed to parse URL from ${String(url)}`);
      if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`Invalid status code ${status}`);
      return new Response(null, { status, statusText: "", url: "", redirected: false, type: "default", headers: new Headers({ location: parsed[0] }) }, SECRET);
    }
  }

  // A response that a host gave; its body is a promise.
  platform.makeResponse = (head, body) => new Response(body, head, SECRET);
  Object.assign(globalThis, { Request, Response });
});
