// require('crypto').
(function (native, platform) {
  "use strict";
  const { coded, bytesOf } = platform;
  const rust = native.crypto;
  const { HASHES, hashNamed, bytesLike, given, invalid, whole, Hash, Hmac, pbkdf2Sync, hkdfSync } = platform.hashes;
  const { KeyObject, publicOf, privateOf, createPublicKey, createPrivateKey, createSecretKey } = platform.keyObjects;
  const MOST_RANDOM = 1 << 20;

  // Random bytes, as many at a time as the host gives.
  const random = (size) => {
    whole(size, "size", 0);
    if (size > MOST_RANDOM) {
      throw coded(RangeError, "ERR_OUT_OF_RANGE", `randomBytes: ${size} bytes are more than ${MOST_RANDOM}`);
    }
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) bytes.set(native.randomBytes(Math.min(65536, size - at)), at);
    return bytes;
  };

  // With a callback as the last argument: called with the result, later.
  const later = (call) => (...values) => {
    const callback = values.pop();
    if (typeof callback !== "function") throw invalid("callback", "of type function", callback);
    const result = call(...values);
    Promise.resolve().then(() => callback(null, result));
  };
  const either = (call) => (...values) =>
    typeof values.at(-1) === "function" ? later(call)(...values) : call(...values);

  const randomInt = (...range) => {
    const [min, max] = range.length > 1 ? range : [0, range[0]];
    for (const [value, what] of [[min, "min"], [max, "max"]]) {
      if (!Number.isSafeInteger(value)) throw invalid(what, "a safe integer", value);
    }
    const span = max - min;
    if (span <= 0 || span > 2 ** 48 - 1) {
      throw coded(RangeError, "ERR_OUT_OF_RANGE", `The value of "max" is out of range. It must be greater than the value of "min" (${min}). Received ${max}`);
    }
    // Numbers of the last, shorter round would be likelier than others.
    const fair = 2 ** 48 - (2 ** 48 % span);
    for (;;) {
      const number = native.randomBytes(6).reduce((number, byte) => number * 256 + byte, 0);
      if (number < fair) return min + (number % span);
    }
  };
  const randomFillSync = (buffer, offset = 0, size) => {
    whole(offset, "offset", 0);
    const bytes = bytesOf(buffer);
    if (bytes === undefined) throw invalid("buf", "an instance of ArrayBuffer or ArrayBufferView", buffer);
    const length = size ?? bytes.length - offset;
    whole(length, "size", 0);
    if (offset + length > bytes.length) {
      throw coded(RangeError, "ERR_OUT_OF_RANGE", `The value of "size + offset" is out of range. It must be <= ${bytes.length}`);
    }
    bytes.set(random(length), offset);
    return buffer;
  };
  const timingSafeEqual = (one, other) => {
    const [a, b] = [bytesOf(one), bytesOf(other)];
    if (a === undefined) throw invalid("buf1", "an instance of ArrayBuffer, Buffer, TypedArray, or DataView", one);
    if (b === undefined) throw invalid("buf2", "an instance of ArrayBuffer, Buffer, TypedArray, or DataView", other);
    if (a.length !== b.length) {
      throw coded(RangeError, "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length");
    }
    return rust.equal(a, b);
  };

  const constants = {
    RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_PKCS1_PSS_PADDING: 6,
    RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2,
  };
  const SIZES = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };
  const hashFor = (name, key) => {
    // Without a name it is the one that suits the key.
    const hash = name === null || name === undefined ? (key.kind === "P-384" ? "sha384" : "sha256") : hashNamed(name);
    if (hash === undefined) throw coded(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${platform.missing(String(name))}`);
    return hash;
  };
  const rsaOptions = ({ padding = 1, saltLength = -2 }, hash) => {
    if (padding !== 1 && padding !== 6) throw new Error(platform.missing(`RSA signatures with padding ${padding}`));
    const salt = saltLength === -1 ? SIZES[hash] : saltLength < 0 ? undefined : saltLength;
    return padding === 6 ? ["pss", salt] : ["pkcs1", undefined];
  };
  const optionsOf = (key) => (typeof key === "object" && key !== null && bytesOf(key) === undefined ? key : {});
  const isDer = ({ dsaEncoding = "der" }) => dsaEncoding !== "ieee-p1363";

  const signWith = (name, data, key) => {
    const [found, options] = [privateOf(key), optionsOf(key)];
    const hash = hashFor(name, found);
    let signature;
    if (found.kind === "RSA") {
      const [scheme, salt] = rsaOptions(options, hash);
      signature = rust.rsaSign(scheme, hash, found.material, data, salt);
    } else {
      signature = rust.ecdsaSign(found.kind, hash, found.material, data, isDer(options));
    }
    if (!signature) throw coded(Error, "ERR_OSSL_RSA_DIGEST_TOO_BIG_FOR_RSA_KEY", "the key is too small to sign so");
    return signature;
  };
  const verifyWith = (name, data, key, signature) => {
    const [found, options] = [publicOf(key), optionsOf(key)];
    const hash = hashFor(name, found);
    if (found.kind !== "RSA") {
      return rust.ecdsaVerify(found.kind, hash, found.material, data, signature, isDer(options));
    }
    const [scheme, salt] = rsaOptions(options, hash);
    return rust.rsaVerify(scheme, hash, found.material, data, signature, salt);
  };

  class Signing {
    #chunks = [];
    #name;
    constructor(name) {
      if (typeof name !== "string") throw invalid("algorithm", "of type string", name);
      if (hashNamed(name) === undefined) {
        throw coded(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${platform.missing(name)}`);
      }
      this.#name = name;
    }
    update(data, encoding) {
      this.#chunks.push(platform.copyOf(bytesLike(data, "data", encoding)));
      return this;
    }
    _whole() {
      const bytes = new Uint8Array(this.#chunks.reduce((length, chunk) => length + chunk.length, 0));
      let at = 0;
      for (const chunk of this.#chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      return [this.#name, bytes];
    }
    end() { return this; }
    write(data, encoding) { return this.update(data, encoding); }
  }
  class Sign extends Signing {
    sign(key, encoding) { return given(signWith(...this._whole(), key), encoding); }
  }
  class Verify extends Signing {
    verify(key, signature, encoding) {
      return verifyWith(...this._whole(), key, bytesLike(signature, "signature", encoding));
    }
  }

  // What Node has and this has not: there, to say so when it is called.
  const ABSENT = [
    "createCipheriv", "createDecipheriv", "createDiffieHellman", "createECDH", "diffieHellman", "generateKey",
    "generateKeyPair", "generateKeyPairSync", "generateKeySync", "privateDecrypt", "privateEncrypt",
    "publicDecrypt", "publicEncrypt", "scrypt", "scryptSync", "X509Certificate", "checkPrimeSync", "generatePrimeSync",
  ];
  const build = () => {
    const { crypto: webcrypto } = globalThis;
    const module = {
      createHash: (name) => new Hash(name),
      createHmac: (name, key) => new Hmac(name, key),
      createSign: (name) => new Sign(name),
      createVerify: (name) => new Verify(name),
      sign: either((name, data, key) => platform.toBuffer(signWith(name, bytesLike(data, "data"), key))),
      verify: either((name, data, key, signature) =>
        verifyWith(name, bytesLike(data, "data"), key, bytesLike(signature, "signature"))),
      hash: (name, data, encoding = "hex") => new Hash(name).update(data).digest(encoding),
      createPublicKey, createPrivateKey, createSecretKey,
      randomBytes: either((size) => platform.toBuffer(random(size))),
      randomFillSync, randomFill: later(randomFillSync),
      randomInt: either(randomInt),
      randomUUID: () => webcrypto.randomUUID(),
      getRandomValues: (array) => webcrypto.getRandomValues(array),
      timingSafeEqual,
      pbkdf2Sync, pbkdf2: later(pbkdf2Sync), hkdfSync, hkdf: later(hkdfSync),
      getHashes: () => [...HASHES], getCurves: () => ["prime256v1", "secp384r1"], getCiphers: () => [],
      constants, webcrypto, subtle: webcrypto.subtle,
      Hash, Hmac, KeyObject, Sign, Verify,
    };
    for (const name of ABSENT) {
      module[name] = function () { throw new Error(platform.missing(`crypto.${name}`)); };
    }
    return module;
  };
  let built;
  platform.modules.set("crypto", () => (built ??= build()));

  // What opens keys is for the scripts up to here, not for actions.
  for (const name of ["keys", "algorithms", "hashes", "keyObjects"]) delete platform[name];
});
