// What require('crypto') hashes with: Hash, Hmac, and keys derived of them.
(function (native, platform) {
  "use strict";
  const { coded, bytesOf, copyOf } = platform;
  const rust = native.crypto;
  const HASHES = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

  // A hash as OpenSSL knows it, of a name as people write it.
  const hashNamed = (given) => {
    const name = String(given).toLowerCase().replace(/^rsa-/, "").replace(/^sha-/, "sha");
    return HASHES.includes(name) ? name : undefined;
  };
  const invalid = (what, of, value) => {
    const got = value === null ? "null" : typeof value === "object" ? "an instance of Object" : `type ${typeof value}`;
    return coded(TypeError, "ERR_INVALID_ARG_TYPE",
      `The "${what}" argument must be ${of}. Received ${value === undefined ? "undefined" : got}`);
  };
  // Text in an encoding, or any view or buffer, as bytes.
  const bytesLike = (value, what, encoding = "utf8") => {
    if (typeof value === "string") {
      if (encoding === "hex" && value.length % 2 !== 0) {
        throw coded(TypeError, "ERR_INVALID_ARG_VALUE", `The argument 'encoding' is invalid for data of length ${value.length}. Received 'hex'`);
      }
      return platform.decode(encoding, value);
    }
    const bytes = bytesOf(value);
    if (bytes !== undefined) return bytes;
    throw invalid(what, "of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView", value);
  };
  const given = (bytes, encoding) =>
    encoding === undefined || encoding === null || encoding === "buffer"
      ? platform.toBuffer(bytes)
      : platform.encode(encoding, bytes);
  const keyBytes = (key, what) => hashes.secretOf(key) ?? bytesLike(key, what);

  // Chunks until they are digested: they are kept, and hashed at once.
  class Hash {
    #hash; #chunks = []; #done = false;
    constructor(name, chunks = []) {
      this.#hash = hashNamed(name);
      this.#chunks = chunks;
      if (this.#hash === undefined) {
        throw new Error(`Digest method not supported: ${platform.missing(String(name))}`);
      }
    }
    #open() {
      if (this.#done) throw coded(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
    }
    update(data, encoding) {
      this.#open();
      this.#chunks.push(copyOf(bytesLike(data, "data", encoding)));
      return this;
    }
    digest(encoding) {
      this.#open();
      this.#done = true;
      return given(rust.digest(this.#hash, this.#chunks), encoding);
    }
    copy() {
      this.#open();
      return new Hash(this.#hash, [...this.#chunks]);
    }
  }

  class Hmac {
    #hash; #key; #chunks = []; #done = false;
    constructor(name, key) {
      this.#hash = hashNamed(name);
      if (this.#hash === undefined) {
        throw coded(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${platform.missing(String(name))}`);
      }
      this.#key = copyOf(keyBytes(key, "key"));
    }
    update(data, encoding) {
      if (this.#done) throw coded(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
      this.#chunks.push(copyOf(bytesLike(data, "data", encoding)));
      return this;
    }
    // As in Node, digesting again gives nothing.
    digest(encoding) {
      const bytes = this.#done ? new Uint8Array(0) : rust.hmac(this.#hash, this.#key, this.#chunks);
      this.#done = true;
      return given(bytes, encoding);
    }
  }

  const derived = (hash, name, bytes) => {
    if (hash === undefined) throw coded(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${name}`);
    const made = bytes();
    if (!made) throw coded(RangeError, "ERR_OUT_OF_RANGE", "the derived key would be too long");
    return made;
  };
  const whole = (value, what, least) => {
    if (typeof value !== "number") throw invalid(what, "of type number", value);
    if (!Number.isInteger(value) || value < least || value > 2147483647) {
      throw coded(RangeError, "ERR_OUT_OF_RANGE",
        `The value of "${what}" is out of range. It must be >= ${least} && <= 2147483647. Received ${value}`);
    }
    return value;
  };
  const pbkdf2Sync = (password, salt, iterations, keylen, digest) => {
    if (typeof digest !== "string") throw invalid("digest", "of type string", digest);
    const hash = hashNamed(digest);
    const [secret, grain] = [bytesLike(password, "password"), bytesLike(salt, "salt")];
    whole(iterations, "iterations", 1);
    whole(keylen, "keylen", 0);
    return platform.toBuffer(derived(hash, digest, () => rust.pbkdf2(hash, secret, grain, iterations, keylen)));
  };
  const hkdfSync = (digest, ikm, salt, info, keylen) => {
    if (typeof digest !== "string") throw invalid("digest", "of type string", digest);
    const hash = hashNamed(digest);
    whole(keylen, "length", 0);
    const inputs = [keyBytes(ikm, "ikm"), bytesLike(salt, "salt"), bytesLike(info, "info")];
    return derived(hash, digest, () => rust.hkdf(hash, ...inputs, keylen)).buffer;
  };

  // `secretOf` is key_objects.js's: the bytes of a KeyObject.
  const hashes = platform.hashes = { HASHES, hashNamed, bytesLike, given, invalid, whole, Hash, Hmac, pbkdf2Sync, hkdfSync };
});
