// CryptoKey, and JSON Web Keys. What a key is made of is in private fields:
// no property of it leads there, and only this script's functions do.
(function (native, platform) {
  "use strict";
  const { DOMException, TypeError } = globalThis;
  const { freeze } = Object;
  const ALLOWED = {};
  const failure = (name, message) => new DOMException(message, name);
  const missing = (what) => failure("NotSupportedError", platform.missing(what));
  let open;

  class CryptoKey {
    #inner;
    #shown;

    constructor(allowed, inner) {
      if (allowed !== ALLOWED) throw new TypeError("Illegal constructor");
      this.#inner = inner;
    }
    get type() { return this.#inner.type; }
    get extractable() { return this.#inner.extractable; }
    // A copy: writing to it changes nothing of the key.
    get algorithm() { return this.#show().algorithm; }
    get usages() { return this.#show().usages; }
    #show() {
      if (this.#shown === undefined) {
        const { algorithm, usages } = this.#inner;
        const copy = { ...algorithm };
        if (copy.hash) copy.hash = { ...copy.hash };
        if (copy.publicExponent) copy.publicExponent = platform.copyOf(copy.publicExponent);
        this.#shown = { algorithm: copy, usages: [...usages] };
      }
      return this.#shown;
    }
    get [Symbol.toStringTag]() { return "CryptoKey"; }
    [platform.SHOWN]() {
      const { type, extractable, algorithm, usages } = this;
      return { type, extractable, algorithm, usages };
    }
    static {
      open = (key) => (typeof key === "object" && key !== null && #inner in key ? key.#inner : undefined);
    }
  }

  // `inner`: type, extractable, algorithm, usages, material, and of what kind
  // the material is where that is not obvious.
  const make = (inner) => new CryptoKey(ALLOWED, freeze(inner));

  const b64 = (bytes) => native.crypto.encode("base64url", bytes);
  const ofB64 = (text, name) => {
    if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) {
      throw failure("DataError", `the JWK's "${name}" is missing or no base64url`);
    }
    return native.crypto.decode("base64url", text);
  };

  const RSA = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
  const EC = ["x", "y", "d"];

  // The key that a JWK says: { kind, private, material }.
  const ofJwk = (jwk) => {
    const isPrivate = jwk.d !== undefined;
    let [kind, names] = ["RSA", isPrivate ? RSA.slice(0, 5) : RSA.slice(0, 2)];
    if (jwk.kty === "EC") {
      [kind, names] = [jwk.crv, isPrivate ? EC : EC.slice(0, 2)];
      if (kind !== "P-256" && kind !== "P-384") throw missing(`the curve ${String(kind)}`);
    } else if (jwk.kty !== "RSA") {
      throw failure("DataError", `the JWK's "kty" is ${String(jwk.kty)}, not RSA or EC`);
    } else if (jwk.oth !== undefined) {
      throw missing("RSA with more than two primes");
    }
    const material = native.crypto.keyOfParts(kind, names.map((name) => ofB64(jwk[name], name)));
    if (!material) throw failure("DataError", "the JWK is no valid key");
    return { kind, private: isPrivate, material };
  };

  const toJwk = (kind, isPrivate, material) => {
    const parts = native.crypto.keyParts(kind, isPrivate, material);
    if (!parts) throw failure("OperationError", "the key cannot be exported");
    const jwk = { kty: kind === "RSA" ? "RSA" : "EC" };
    // In the order in which Node has them.
    parts.forEach((part, at) => {
      if (kind === "RSA") return void (jwk[RSA[at]] = b64(part));
      if (at === 2) jwk.crv = kind;
      jwk[EC[at]] = b64(part);
    });
    if (kind !== "RSA") jwk.crv = kind;
    return jwk;
  };

  // What a JWK says besides the key must agree with what it is wanted for.
  const checkJwk = (jwk, { kty, alg, extractable, usages, use = "sig" }) => {
    const wrong = (name) => failure("DataError", `the JWK's "${name}" does not fit`);
    if (jwk.kty !== kty) throw wrong("kty");
    if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use) throw wrong("use");
    if (jwk.key_ops !== undefined) {
      if (!Array.isArray(jwk.key_ops)) throw wrong("key_ops");
      if (!usages.every((usage) => jwk.key_ops.includes(usage))) throw wrong("key_ops");
    }
    if (jwk.ext === false && extractable) throw wrong("ext");
    if (alg !== undefined && jwk.alg !== undefined && jwk.alg !== alg) throw wrong("alg");
  };

  platform.keys = { make, open: (key) => open(key), ofJwk, toJwk, checkJwk, b64, ofB64, failure, missing };
  globalThis.CryptoKey = CryptoKey;
});
