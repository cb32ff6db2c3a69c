// `event` and `api` as Auth0's password-reset / post-challenge trigger has
// them, over the functions of src/host.rs. What is refused is thrown, so that
// a file that does not look cannot miss it; only the cache answers with codes.
(function (host, platform) {
  "use strict";
  const { stringify, parse } = JSON;
  const { entries, keys } = Object;
  const { isArray } = Array;

  // Half a surrogate pair is no text for anybody outside of JavaScript.
  const wellFormed = platform.uncurry(String.prototype.toWellFormed);
  const replace = platform.uncurry(String.prototype.replace);

  platform.log = (level, text) => host.log(level, wellFormed(text));

  const refused = (code, message) => {
    if (code === "InvalidUrl") {
      const error = new TypeError(message);
      error.code = "ERR_INVALID_URL";
      return error;
    }
    const error = new Error(message);
    error.code = code;
    return error;
  };

  let refusedByHost;
  const answer = ([value, code, message]) => {
    if (code !== undefined && code !== null) throw (refusedByHost = refused(code, message));
    return value;
  };

  const text = (value, what) => {
    if (typeof value === "string") return wellFormed(value);
    // A URL, or what is like one.
    if (typeof value === "object" && value !== null && typeof value.href === "string") return wellFormed(value.href);
    throw new TypeError(`${what} must be a string`);
  };

  const object = (value, what) => {
    if (value === undefined || value === null) return {};
    if (typeof value === "object") return value;
    throw new TypeError(`${what} must be an object`);
  };

  const number = (value, what) => {
    if (value === undefined || value === null) return undefined;
    const found = Number(value);
    if (typeof value !== "number" || found !== found) throw new TypeError(`${what} must be a number`);
    return found;
  };

  const json = (value, what) => {
    const found = stringify(value);
    if (found === undefined || found[0] !== "{") throw new TypeError(`${what} must be an object`);
    // JSON.stringify has an escape for it, which others do not read.
    return replace(found, /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/gi, "$1\ufffd");
  };

  // Type, options as JSON, and the one option of phone and push.
  const factor = (value, what) => {
    if (typeof value !== "object" || value === null || typeof value.type !== "string") {
      throw new TypeError(`${what} must be a factor such as { type: 'otp' }`);
    }
    const type = wellFormed(value.type);
    const options = object(value.options, `${what}.options`);
    if (type === "phone") return [type, null, options.preferredMethod === undefined ? null : wellFormed(String(options.preferredMethod))];
    if (type === "push-notification" || type === "push") {
      return [type, null, options.otpFallback === undefined ? null : String(Boolean(options.otpFallback))];
    }
    return [type, value.options === undefined ? null : json(value.options, `${what}.options`), null];
  };

  const factors = (value, what) => {
    if (value === undefined || value === null) return [];
    if (!isArray(value)) throw new TypeError(`${what} must be a list of factors`);
    const found = [];
    for (let at = 0; at < value.length; at++) found[at] = factor(value[at], `${what}[${at}]`);
    return found;
  };

  const pairs = (options, what) => {
    const flat = [];
    for (const [name, value] of entries(object(object(options, what).query, `${what}.query`))) {
      flat.push(wellFormed(name), wellFormed(String(value)));
    }
    return flat;
  };

  const record = ([value, end]) => ({ value, expires_at: Number(end) });

  // A denial, challenge, redirect or prompt that was refused must not be
  // ignored: unless something else is asked for behind it, the run fails. The
  // host sees to those that reach it, this to those that do not.
  let lost;
  let denied = false;
  const gate = (name, method) => (...values) => {
    try {
      const result = method(...values);
      lost = undefined;
      return result;
    } catch (error) {
      lost = error === refusedByHost ? undefined : { name, error };
      throw error;
    }
  };
  platform.atEnd = () => {
    if (lost === undefined || denied) return;
    const { name, error } = lost;
    throw new Error("`api." + name + "` was refused and ignored", { cause: error });
  };

  const api = {};
  api.access = {
    deny: gate("access.deny", (reason) => {
      answer(host.deny(reason === undefined ? "" : wellFormed(String(reason))));
      denied = true;
      return api;
    }),
  };
  api.authentication = {
    challengeWith: gate("authentication.challengeWith", (first, options) => {
      const what = "api.authentication.challengeWith";
      const others = factors(object(options, `${what}: options`).additionalFactors, `${what}: additionalFactors`);
      answer(host.challengeWith(factor(first, `${what}: factor`), others));
      return api;
    }),
    challengeWithAny: gate("authentication.challengeWithAny", (offered) => {
      answer(host.challengeWithAny(factors(offered ?? false, "api.authentication.challengeWithAny: factors")));
      return api;
    }),
  };
  api.cache = {
    get(key) {
      const found = host.cacheGet(text(key, "api.cache.get: key"));
      return found ? record(found) : undefined;
    },
    set(key, value, options) {
      const what = "api.cache.set";
      const { ttl, expires_at } = object(options, `${what}: options`);
      const found = host.cacheSet(
        text(key, `${what}: key`), text(value, `${what}: value`),
        number(ttl, `${what}: ttl`), number(expires_at, `${what}: expires_at`),
      );
      if (found.length === 1) return { type: "error", code: found[0] };
      return { type: "success", record: record(found) };
    },
    delete(key) {
      const code = host.cacheDelete(text(key, "api.cache.delete: key"));
      return code ? { type: "error", code } : { type: "success" };
    },
  };
  api.prompt = {
    render: gate("prompt.render", (id, options) => {
      const what = "api.prompt.render";
      const { fields, vars } = object(options, `${what}: options`);
      const part = (value, name) => (value === undefined || value === null ? undefined : json(value, `${what}: ${name}`));
      answer(host.render(text(id, `${what}: id`), part(fields, "fields"), part(vars, "vars")));
      return api;
    }),
  };
  api.redirect = {
    sendUserTo: gate("redirect.sendUserTo", (url, options) => {
      const what = "api.redirect.sendUserTo";
      answer(host.sendUserTo(text(url, `${what}: url`), pairs(options, `${what}: options`)));
      return api;
    }),
    encodeToken(options) {
      const what = "api.redirect.encodeToken";
      const { secret, payload, expiresInSeconds } = object(options, `${what}: options`);
      return answer(host.encodeToken(
        text(secret, `${what}: secret`), json(payload ?? {}, `${what}: payload`),
        number(expiresInSeconds, `${what}: expiresInSeconds`),
      ));
    },
    validateToken(options) {
      const what = "api.redirect.validateToken";
      const { secret, tokenParameterName } = object(options, `${what}: options`);
      const name = tokenParameterName === undefined ? undefined : text(tokenParameterName, `${what}: tokenParameterName`);
      return parse(answer(host.validateToken(text(secret, `${what}: secret`), name)));
    },
  };
  api.transaction = {
    setResultUrl(url, options) {
      const what = "api.transaction.setResultUrl";
      answer(host.setResultUrl(text(url, `${what}: url`), pairs(options, `${what}: options`)));
      return api;
    },
  };

  // The event's groups are parsed when they are asked for: a handler pays for
  // what it reads. Until then each is a property that becomes a plain one.
  const { defineProperty } = Object;
  let event;
  const plain = (name, value) =>
    defineProperty(event, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  const know = (name) => {
    let made = false;
    let value;
    const get = () => {
      if (made) return value;
      value = host.eventPart(name);
      made = true;
      // Not where the event was frozen: then it stays as it is.
      try {
        plain(name, value);
      } catch {}
      return value;
    };
    platform.addLazy(get);
    host.knowGroup(name, get, (value) => plain(name, value));
  };
  for (const name of [
    "authentication", "authorization", "client", "connection", "custom_domain", "organization", "prompt",
    "request", "stats", "tenant", "transaction", "user", "secrets", "configuration",
  ]) know(name);

  return () => {
    event = host.event(know);
    return [event, api];
  };
});
