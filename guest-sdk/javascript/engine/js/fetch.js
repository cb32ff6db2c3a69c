// fetch: requests go to the host one at a time, each redirect as a request of
// its own, so that the host allows or refuses each.
(function (native, platform) {
  "use strict";
  const { Request, Error, TypeError, DOMException } = globalThis;
  const http = native.http;
  const MOST_REDIRECTS = 20;
  // What says how a connection is used is the host's to say.
  const HOSTS_OWN = ["connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"];
  const REFUSED = ["host", "expect", "upgrade"];
  const OF_BODY = ["content-encoding", "content-language", "content-location", "content-type"];
  const OF_ORIGIN = ["authorization", "cookie", "proxy-authorization"];
  const TEXTS = {
    200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
    206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
    402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    408: "Request Timeout", 409: "Conflict", 410: "Gone", 412: "Precondition Failed", 413: "Payload Too Large",
    415: "Unsupported Media Type", 422: "Unprocessable Entity", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
  };

  // Who waits for which exchange.
  const waiting = new Map();
  platform.exchanged = (id, what, ...news) => {
    const waiter = waiting.get(id);
    if (what !== "head") waiting.delete(id);
    waiter?.[what](...news);
  };

  // Why it failed, in the message too: it is all that an author sees. And at
  // the place where the action called fetch, since what fails is the host.
  const failed = (text, at) => {
    const cause = new Error(text);
    // Hosts name what went wrong first.
    const code = /^[A-Z][A-Za-z]*(?=[:(]|$)/.exec(text)?.[0];
    if (code !== undefined) cause.code = code;
    const error = new TypeError(`fetch failed: ${text}`, { cause });
    const lines = String(at.stack).split("\n");
    const frames = lines.filter((line) => /^\s+at /.test(line) && !line.includes("flowhost:"));
    // With a headline if stacks have one.
    if (!/^\s+at |^$/.test(lines[0])) frames.unshift(`TypeError: ${error.message}`);
    const value = frames.join("\n");
    Object.defineProperty(error, "stack", { value, writable: true, configurable: true });
    return error;
  };

  const deferred = () => {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    // Whoever reads it handles it; nobody has to.
    made.promise.catch(() => {});
    return made;
  };

  // One request to the host: the promises of a head and of a body, and how to
  // give them up.
  const exchange = (method, url, headers, bytes, at) => {
    const [head, body] = [deferred(), deferred()];
    const give = (error) => {
      head.reject(error);
      body.reject(error);
    };
    const [id, refused] = http.send(method, url, headers, bytes);
    if (refused !== undefined && refused !== null) {
      give(failed(refused, at));
      return { head: head.promise, body: body.promise, cancel() {} };
    }
    waiting.set(id, {
      head: (status, headers) => head.resolve({ status, headers }),
      body: body.resolve,
      failed: (text) => give(failed(text, at)),
    });
    const cancel = (reason) => {
      if (waiting.delete(id)) http.cancel(id);
      give(reason);
    };
    return { head: head.promise, body: body.promise, cancel };
  };

  const headersFor = (headers, bytes, method) => {
    const list = [];
    for (const [name, value] of headers) {
      if (REFUSED.includes(name)) throw new TypeError(`fetch failed: the header "${name}" cannot be set: the host sets it`);
      if (!HOSTS_OWN.includes(name) && name !== "accept-encoding") list.push([name, value]);
    }
    if (!headers.has("accept")) list.push(["accept", "*/*"]);
    if (!headers.has("user-agent")) list.push(["user-agent", "flowhost"]);
    // Nothing here decompresses.
    list.push(["accept-encoding", "identity"]);
    if (bytes !== null) list.push(["content-length", String(bytes.length)]);
    else if (method === "POST" || method === "PUT") list.push(["content-length", "0"]);
    return list;
  };

  // The body as the action sees it: not compressed, and of a head that has one.
  const readable = (head, headers, body, method, at) => {
    if (method === "HEAD" || [101, 204, 205, 304].includes(head.status)) return null;
    const coding = headers.get("content-encoding");
    if (coding === null || coding.trim().toLowerCase() === "identity" || coding === "") return body;
    const refused = Promise.reject(failed(`the response is compressed (content-encoding: ${coding})`, at));
    refused.catch(() => {});
    return refused;
  };

  const withoutFragment = (url) => url.split("#")[0];

  const follow = async (request, current, at) => {
    let [method, url, bytes] = [request.method, request.url, platform.bodyOf(request)];
    if (bytes !== null) bytes = await bytes;
    let headers = request.headers;
    platform.useBody(request);
    for (let hops = 0; ; hops++) {
      const [, protocol, origin] = http.parseUrl(url);
      if (protocol !== "http:" && protocol !== "https:") {
        throw failed(`${protocol} is not supported, only http: and https:`, at);
      }
      current.exchange = exchange(method, withoutFragment(url), headersFor(headers, bytes, method), bytes, at);
      if (current.aborted) current.exchange.cancel(current.reason);
      const head = await current.exchange.head;
      const answered = platform.headersOf(head.headers);
      const location = [301, 302, 303, 307, 308].includes(head.status) ? answered.get("location") : null;
      if (location === null || request.redirect === "manual") {
        const { body } = current.exchange;
        body.then(current.done, current.done);
        return platform.makeResponse({
          status: head.status, statusText: TEXTS[head.status] ?? "", url: withoutFragment(url),
          redirected: hops > 0, type: "basic", headers: answered,
        }, readable(head, answered, body, method, at));
      }
      current.exchange.cancel(new DOMException("redirected", "AbortError"));
      if (request.redirect === "error") throw failed(`unexpected redirect to ${location}`, at);
      if (hops === MOST_REDIRECTS) throw failed("redirect count exceeded", at);
      const next = http.parseUrl(location, url);
      if (!next) throw failed(`invalid redirect to ${location}`, at);
      const crosses = next[2] !== origin;
      if (crosses && next[3]) throw failed("a redirect to another origin with credentials in its URL", at);
      headers = new Headers(headers);
      if ((head.status === 303 && method !== "HEAD" && method !== "GET") || (head.status < 303 && method === "POST")) {
        [method, bytes] = ["GET", null];
        OF_BODY.forEach((name) => headers.delete(name));
      }
      if (crosses) OF_ORIGIN.forEach((name) => headers.delete(name));
      url = next[0];
    }
  };

  globalThis.fetch = async function fetch(input, init) {
    const at = new Error();
    const request = new Request(input, init);
    if (http.isLoading()) {
      throw new Error("fetch is not available while the file is loaded, only in a handler");
    }
    const signal = platform.signalOf(request);
    signal?.throwIfAborted();
    const current = { exchange: undefined, aborted: false, reason: undefined, done() {} };
    if (signal !== undefined) {
      current.done = platform.onAbort(signal, (reason) => {
        current.aborted = true;
        current.reason = reason;
        current.exchange?.cancel(reason);
      });
    }
    try {
      return await follow(request, current, at);
    } catch (error) {
      current.done();
      throw error;
    }
  };
});
