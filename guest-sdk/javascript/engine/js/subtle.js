// globalThis.crypto: what every method of crypto.subtle checks before an
// algorithm of `algorithms.js` is asked, and randomness.
(function (native, platform) {
  "use strict";
  const { Uint8Array, TypeError } = globalThis;
  const { failure, missing } = platform.keys;
  const { HASHES, hashNamed, need, open, table } = platform.algorithms;
  const USAGES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];
  const names = new Map(Object.keys(table).map((name) => [name.toUpperCase(), name]));

  // An algorithm by its name or as { name, … }, with the table's spelling.
  const named = (algorithm, method) => {
    const given = typeof algorithm === "object" && algorithm !== null ? algorithm : { name: algorithm };
    if (given.name === undefined) throw new TypeError(`${method}: the algorithm has no name`);
    const name = names.get(String(given.name).toUpperCase());
    const does = method === "importKey" ? "import" : method === "generateKey" ? "generate" : method;
    if (name === undefined || table[name][does] === undefined) {
      throw missing(`crypto.subtle.${method} with ${String(given.name)}`);
    }
    return { ...given, name };
  };
  const opened = (key) => {
    const inner = open(key);
    if (inner === undefined) throw new TypeError("the key must be a CryptoKey");
    return inner;
  };
  // The key, when it is one for this.
  const usable = (key, { name }, usage) => {
    const inner = opened(key);
    if (inner.algorithm.name !== name) {
      throw failure("InvalidAccessError", `the key is for ${inner.algorithm.name}, not ${name}`);
    }
    if (!inner.usages.includes(usage)) {
      throw failure("InvalidAccessError", `the key's usages do not allow "${usage}"`);
    }
    const type = { sign: "private", verify: "public" }[usage];
    if (inner.type !== "secret" && type !== undefined && inner.type !== type) {
      throw failure("InvalidAccessError", `a ${inner.type} key does not ${usage}`);
    }
    return inner;
  };
  const usagesOf = (usages) => {
    if (usages === null || typeof usages !== "object") throw new TypeError("the usages must be an array");
    const list = [...usages];
    for (const usage of list) {
      if (!USAGES.includes(usage)) throw new TypeError(`"${String(usage)}" is no key usage`);
    }
    return USAGES.filter((usage) => list.includes(usage));
  };
  // What an algorithm made: as an ArrayBuffer.
  const made = (bytes, what) => {
    if (!bytes) throw failure("OperationError", `the key cannot ${what} so`);
    return bytes.buffer;
  };

  class SubtleCrypto {
    async digest(algorithm, data) {
      return native.crypto.digest(HASHES[hashNamed(algorithm)], [need(data, "the data")]).buffer;
    }
    async importKey(format, data, algorithm, extractable, usages) {
      const found = named(algorithm, "importKey");
      if (format === "jwk" && (typeof data !== "object" || data === null)) {
        throw new TypeError("importKey: a JWK is an object");
      }
      return table[found.name].import(String(format), data, found, Boolean(extractable), usagesOf(usages));
    }
    async exportKey(format, key) {
      const inner = opened(key);
      const algorithm = table[inner.algorithm.name];
      if (algorithm.export === undefined) throw missing(`crypto.subtle.exportKey with ${inner.algorithm.name}`);
      if (!inner.extractable) throw failure("InvalidAccessError", "the key is not extractable");
      const exported = algorithm.export(String(format), inner);
      return format === "jwk" ? { key_ops: [...inner.usages], ext: true, ...exported } : exported;
    }
    async generateKey(algorithm, extractable, usages) {
      const found = named(algorithm, "generateKey");
      return table[found.name].generate(found, Boolean(extractable), usagesOf(usages));
    }
    async sign(algorithm, key, data) {
      const found = named(algorithm, "sign");
      const inner = usable(key, found, "sign");
      return made(table[found.name].sign(found, inner, need(data, "the data")), "sign");
    }
    async verify(algorithm, key, signature, data) {
      const found = named(algorithm, "verify");
      const inner = usable(key, found, "verify");
      return table[found.name].verify(found, inner, need(signature, "the signature"), need(data, "the data"));
    }
    async deriveBits(algorithm, key, length) {
      const found = named(algorithm, "derive");
      return table[found.name].derive(found, usable(key, found, "deriveBits"), length).buffer;
    }
    async deriveKey(algorithm, key, derived, extractable, usages) {
      const found = named(algorithm, "derive");
      const inner = usable(key, found, "deriveKey");
      const wanted = named(derived, "importKey");
      if (table[wanted.name].length === undefined) throw missing(`deriving a key for ${wanted.name}`);
      const bytes = table[found.name].derive(found, inner, table[wanted.name].length(wanted));
      return table[wanted.name].import("raw", bytes, wanted, Boolean(extractable), usagesOf(usages));
    }
    async encrypt(algorithm, key, data) { return cipher("encrypt", algorithm, key, data); }
    async decrypt(algorithm, key, data) { return cipher("decrypt", algorithm, key, data); }
    async wrapKey() { throw missing("crypto.subtle.wrapKey"); }
    async unwrapKey() { throw missing("crypto.subtle.unwrapKey"); }
    get [Symbol.toStringTag]() { return "SubtleCrypto"; }
  }
  const cipher = (method, algorithm, key, data) => {
    const found = named(algorithm, method);
    return made(table[found.name][method](found, usable(key, found, method), need(data, "the data")), method);
  };

  const QUOTA = 65536;
  const INTEGERS = /^(Int|Uint|BigInt|BigUint)\d+(Clamped)?Array$/;
  const tag = platform.uncurry(
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get,
  );
  const set = platform.uncurry(Uint8Array.prototype.set);
  const hex = (bytes) => native.crypto.encode("hex", bytes);

  class Crypto {
    getRandomValues(array) {
      const bytes = platform.bytesOf(array);
      if (bytes === undefined || !INTEGERS.test(tag(array) ?? "")) {
        throw failure("TypeMismatchError", "getRandomValues: the argument must be an integer typed array");
      }
      if (bytes.length > QUOTA) {
        throw failure("QuotaExceededError", `getRandomValues: ${bytes.length} bytes are more than ${QUOTA}`);
      }
      set(bytes, native.randomBytes(bytes.length));
      return array;
    }
    randomUUID() {
      const bytes = native.randomBytes(16);
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const text = hex(bytes);
      return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
    }
    get subtle() { return subtle; }
    get [Symbol.toStringTag]() { return "Crypto"; }
  }
  const subtle = new SubtleCrypto();
  const crypto = new Crypto();
  Object.defineProperty(globalThis, "crypto", { value: crypto, writable: true, enumerable: true, configurable: true });
  globalThis.Crypto = Crypto;
  globalThis.SubtleCrypto = SubtleCrypto;
});
