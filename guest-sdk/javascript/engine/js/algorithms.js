// What crypto.subtle can do, one table per algorithm: importing, exporting and
// using keys. `subtle.js` has checked names, usages and arguments by then.
(function (native, platform) {
  "use strict";
  const { Uint8Array } = globalThis;
  const { make, open, ofJwk, toJwk, checkJwk, b64, ofB64, failure, missing } = platform.keys;
  const rust = native.crypto;
  const HASHES = { "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" };

  // A hash by its name or as { name }: as WebCrypto calls it.
  const hashNamed = (hash) => {
    const given = typeof hash === "object" && hash !== null ? hash.name : hash;
    if (given === undefined) throw new TypeError("the algorithm needs a `hash`");
    const name = String(given).toUpperCase();
    if (!Object.hasOwn(HASHES, name)) throw missing(`the hash ${String(given)}`);
    return name;
  };
  const bits = (name) => Number(name.slice(4)) || 1;
  const blockBits = (name) => (bits(name) > 256 ? 1024 : 512);

  const need = (bytes, what) => {
    const found = platform.bytesOf(bytes);
    if (found === undefined) throw new TypeError(`${what} must be an ArrayBuffer or a view of one`);
    return found;
  };
  const allow = (usages, allowed, needed) => {
    if (usages.some((usage) => !allowed.includes(usage)) || (needed && usages.length === 0)) {
      throw failure("SyntaxError", `such a key is used for: ${allowed.join(", ") || "nothing"}`);
    }
  };

  const HMAC = {
    import(format, data, { hash: given, length }, extractable, usages) {
      const hash = hashNamed(given);
      allow(usages, ["sign", "verify"], true);
      let material;
      if (format === "raw") {
        material = platform.copyOf(need(data, "the key"));
      } else if (format === "jwk") {
        checkJwk(data, { kty: "oct", alg: `HS${bits(hash)}`, extractable, usages });
        material = ofB64(data.k, "k");
      } else {
        throw missing(`an HMAC key as ${format}`);
      }
      const whole = material.length * 8;
      if (whole === 0) throw failure("DataError", "the key is empty");
      if (length !== undefined && length !== whole) {
        throw failure("DataError", `the key has ${whole} bits, not ${length}`);
      }
      const algorithm = { name: "HMAC", hash: { name: hash }, length: whole };
      return make({ type: "secret", extractable, algorithm, usages, material });
    },
    generate({ hash: given, length }, extractable, usages) {
      const hash = hashNamed(given);
      allow(usages, ["sign", "verify"], true);
      const size = HMAC.length({ hash, length });
      const algorithm = { name: "HMAC", hash: { name: hash }, length: size };
      return make({ type: "secret", extractable, algorithm, usages, material: native.randomBytes(size / 8) });
    },
    length({ hash, length = blockBits(hashNamed(hash)) }) {
      if (!(length > 0) || length % 8 !== 0 || length > 65536) {
        throw failure("OperationError", "an HMAC key has a multiple of 8 bits");
      }
      return length;
    },
    export(format, { algorithm, material }) {
      if (format === "raw") return platform.copyOf(material).buffer;
      if (format !== "jwk") throw missing(`an HMAC key as ${format}`);
      return { kty: "oct", k: b64(material), alg: `HS${bits(algorithm.hash.name)}` };
    },
    sign: (_, { algorithm, material }, data) => rust.hmac(HASHES[algorithm.hash.name], material, [data]),
    verify(_, { algorithm, material }, signature, data) {
      return rust.equal(rust.hmac(HASHES[algorithm.hash.name], material, [data]), signature);
    },
  };

  // RSA and ECDSA: from spki, pkcs8, jwk or, of a curve, raw.
  const asymmetric = (format, data, kind, jwk, extractable, usages) => {
    let found;
    if (format === "jwk") {
      checkJwk(data, { ...jwk, extractable, usages });
      if (kind !== "RSA" && data.crv !== kind) throw failure("DataError", `the JWK's "crv" is not ${kind}`);
      found = ofJwk(data);
    } else if (format === "raw" && kind !== "RSA") {
      const point = need(data, "the key");
      const half = (point.length - 1) / 2;
      const parts = [point.slice(1, 1 + half), point.slice(1 + half)];
      const material = point[0] === 4 && rust.keyOfParts(kind, parts);
      if (!material) throw failure("DataError", `the key is no uncompressed point of ${kind}`);
      found = { kind, private: false, material };
    } else if (format === "spki" || format === "pkcs8") {
      const read = rust.readKey(format, need(data, "the key"));
      if (!read || read[0] !== kind) throw failure("DataError", `the key is no ${kind} key as ${format}`);
      found = { kind, private: read[1], material: read[2] };
    } else {
      throw missing(`a key of ${kind} as ${format}`);
    }
    allow(usages, [found.private ? "sign" : "verify"], found.private);
    return found;
  };
  const exported = (format, { type, kind, material }, alg) => {
    const isPrivate = type === "private";
    if (format === "jwk") return { ...toJwk(kind, isPrivate, material), ...alg };
    if (format === (isPrivate ? "pkcs8" : "spki")) return rust.writeKey(format, kind, isPrivate, material).buffer;
    if (format === "raw" && kind !== "RSA" && !isPrivate) {
      const [x, y] = rust.keyParts(kind, false, material);
      const point = new Uint8Array(1 + 2 * x.length);
      point[0] = 4;
      point.set(x, 1);
      point.set(y, 1 + x.length);
      return point.buffer;
    }
    if (format === "spki" || format === "pkcs8" || format === "raw") {
      throw failure("InvalidAccessError", `a ${type} key cannot be exported as ${format}`);
    }
    throw missing(`a key as ${format}`);
  };

  const rsa = (name, scheme, alg) => ({
    import(format, data, { hash: given }, extractable, usages) {
      const hash = hashNamed(given);
      const found = asymmetric(format, data, "RSA", { kty: "RSA", alg: alg(hash) }, extractable, usages);
      const [n, e] = rust.keyParts("RSA", found.private, found.material);
      const modulusLength = n.length * 8 - Math.clz32(n[0]) + 24;
      const algorithm = { name, modulusLength, publicExponent: e, hash: { name: hash } };
      const { kind, material } = found;
      return make({ type: found.private ? "private" : "public", extractable, algorithm, usages, material, kind });
    },
    export: (format, key) => exported(format, key, { alg: alg(key.algorithm.hash.name) }),
    sign({ saltLength }, { algorithm, material }, data) {
      return rust.rsaSign(scheme, HASHES[algorithm.hash.name], material, data, salt(scheme, saltLength));
    },
    verify({ saltLength }, { algorithm, material }, signature, data) {
      const hash = HASHES[algorithm.hash.name];
      return rust.rsaVerify(scheme, hash, material, data, signature, salt(scheme, saltLength));
    },
  });
  const salt = (scheme, length) => {
    if (scheme !== "pss") return undefined;
    if (!Number.isInteger(length) || length < 0) throw new TypeError("RSA-PSS needs a `saltLength`");
    return Math.min(length, 0xffff);
  };

  const curveNamed = (name) => {
    if (name !== "P-256" && name !== "P-384") throw missing(`the curve ${String(name)}`);
    return name;
  };
  const ECDSA = {
    import(format, data, { namedCurve }, extractable, usages) {
      const found = asymmetric(format, data, curveNamed(namedCurve), { kty: "EC" }, extractable, usages);
      const { kind, material } = found;
      const algorithm = { name: "ECDSA", namedCurve };
      return make({ type: found.private ? "private" : "public", extractable, algorithm, usages, material, kind });
    },
    generate({ namedCurve }, extractable, usages) {
      const kind = curveNamed(namedCurve);
      allow(usages, ["sign", "verify"], true);
      const only = (usage) => usages.filter((other) => other === usage);
      if (only("sign").length === 0) throw failure("SyntaxError", "a private key is used for: sign");
      const algorithm = { name: "ECDSA", namedCurve };
      const material = rust.ecdsaGenerate(kind);
      const publicMaterial = rust.publicKeyOf(kind, material);
      return {
        publicKey: make({ type: "public", extractable: true, algorithm, usages: only("verify"), material: publicMaterial, kind }),
        privateKey: make({ type: "private", extractable, algorithm, usages: only("sign"), material, kind }),
      };
    },
    export: (format, key) => exported(format, key, {}),
    sign: ({ hash }, { kind, material }, data) => rust.ecdsaSign(kind, HASHES[hashNamed(hash)], material, data, false),
    verify: ({ hash }, { kind, material }, signature, data) =>
      rust.ecdsaVerify(kind, HASHES[hashNamed(hash)], material, data, signature, false),
  };

  // What keys are derived from: only raw, and never given out again.
  const secret = (name, bitsOf) => ({
    import(format, data, _, extractable, usages) {
      if (format !== "raw") throw missing(`a key of ${name} as ${format}`);
      allow(usages, ["deriveKey", "deriveBits"], true);
      if (extractable) throw failure("SyntaxError", `a key of ${name} cannot be extractable`);
      const material = platform.copyOf(need(data, "the key"));
      return make({ type: "secret", extractable, algorithm: { name }, usages, material });
    },
    length: () => null,
    derive(algorithm, { material }, length) {
      if (!Number.isInteger(length) || length < 0 || length % 8 !== 0) {
        throw failure("OperationError", "the length must be a multiple of 8 bits");
      }
      const derived = bitsOf(HASHES[hashNamed(algorithm.hash)], material, algorithm, length / 8);
      if (!derived) throw failure("OperationError", `${name} cannot make ${length} bits so`);
      return derived;
    },
  });

  platform.algorithms = {
    HASHES, hashNamed, need, allow, open,
    table: {
      "HMAC": HMAC,
      "RSASSA-PKCS1-v1_5": rsa("RSASSA-PKCS1-v1_5", "pkcs1", (hash) => `RS${bits(hash)}`),
      "RSA-PSS": rsa("RSA-PSS", "pss", (hash) => `PS${bits(hash)}`),
      "ECDSA": ECDSA,
      "HKDF": secret("HKDF", (hash, key, { salt: given, info }, length) =>
        rust.hkdf(hash, key, need(given, "HKDF's `salt`"), need(info, "HKDF's `info`"), length)),
      "PBKDF2": secret("PBKDF2", (hash, key, { salt: given, iterations }, length) => {
        if (!Number.isInteger(iterations) || iterations < 0 || iterations > 0xffffffff) {
          throw new TypeError("PBKDF2 needs `iterations`");
        }
        return rust.pbkdf2(hash, key, need(given, "PBKDF2's `salt`"), iterations, length);
      }),
    },
  };
});
