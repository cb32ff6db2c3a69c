// KeyObject, and keys as require('crypto') takes them: PEM, DER, JWK, or a
// KeyObject.
(function (native, platform) {
  "use strict";
  const { coded, bytesOf, copyOf, decode } = platform;
  const rust = native.crypto;
  const { bytesLike, invalid } = platform.hashes;
  const { make: makeCryptoKey, open: openCryptoKey, ofJwk, toJwk, b64, ofB64 } = platform.keys;
  const CURVES = { "P-256": "prime256v1", "P-384": "secp384r1" };
  const ALLOWED = {};
  let open;

  class KeyObject {
    #inner;
    constructor(allowed, inner) {
      if (allowed !== ALLOWED) throw new TypeError("KeyObject: use createPublicKey, createPrivateKey or createSecretKey");
      this.#inner = inner;
    }
    static from(key) {
      const inner = openCryptoKey(key);
      if (inner === undefined) throw invalid("key", "an instance of CryptoKey", key);
      return make(inner);
    }
    get type() { return this.#inner.type; }
    get asymmetricKeyType() { return this.#inner.kind && (this.#inner.kind === "RSA" ? "rsa" : "ec"); }
    get asymmetricKeyDetails() {
      const { kind, type, material } = this.#inner;
      if (kind === undefined) return undefined;
      if (kind !== "RSA") return { namedCurve: CURVES[kind] };
      const [n, e] = rust.keyParts(kind, type === "private", material);
      const publicExponent = BigInt(`0x${rust.encode("hex", e)}`);
      return { modulusLength: n.length * 8 - Math.clz32(n[0]) + 24, publicExponent };
    }
    get symmetricKeySize() { return this.#inner.kind === undefined ? this.#inner.material.length : undefined; }
    equals(other) {
      const inner = open(other);
      if (inner === undefined) throw invalid("otherKeyObject", "an instance of KeyObject", other);
      return inner.type === this.#inner.type && rust.equal(inner.material, this.#inner.material);
    }
    export(options = {}) {
      const { type, kind, material } = this.#inner;
      const isPrivate = type === "private";
      if (type === "secret") {
        if (options.format === "jwk") return { kty: "oct", k: b64(material) };
        return platform.toBuffer(copyOf(material));
      }
      if (options.format === "jwk") return toJwk(kind, isPrivate, material);
      if (options.cipher !== undefined) throw new Error(platform.missing("exporting an encrypted key"));
      const old = options.type === "pkcs1" || options.type === "sec1";
      if ((options.type !== (isPrivate ? "pkcs8" : "spki") && !old) || (options.type === "sec1" && !isPrivate)) {
        throw coded(TypeError, "ERR_INVALID_ARG_VALUE", `The property 'options.type' is invalid. Received ${String(options.type)}`);
      }
      const der = rust.writeKey(options.type, kind, isPrivate, material);
      if (!der) {
        throw coded(Error, "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", `The selected key encoding ${options.type} does not fit the key`);
      }
      if (options.format === "der") return platform.toBuffer(der);
      if (options.format !== "pem") {
        throw coded(TypeError, "ERR_INVALID_ARG_VALUE", `The property 'options.format' is invalid. Received ${String(options.format)}`);
      }
      const label = { pkcs1: "RSA ", sec1: "EC " }[options.type] ?? "";
      return pem(`${label}${isPrivate ? "PRIVATE" : "PUBLIC"} KEY`, der);
    }
    get [Symbol.toStringTag]() { return "KeyObject"; }
    static {
      open = (key) => (typeof key === "object" && key !== null && #inner in key ? key.#inner : undefined);
    }
  }
  const make = ({ type, kind, material }) => new KeyObject(ALLOWED, Object.freeze({ type, kind, material }));

  const pem = (label, der) => {
    const lines = rust.encode("base64", der).match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
  };

  // The labels of PEM, and what is between them.
  const LABELS = {
    "PUBLIC KEY": "spki", "RSA PUBLIC KEY": "pkcs1-public", "CERTIFICATE": "certificate",
    "PRIVATE KEY": "pkcs8", "RSA PRIVATE KEY": "pkcs1-private", "EC PRIVATE KEY": "sec1",
  };
  const unsupported = (why) => coded(Error, "ERR_OSSL_UNSUPPORTED", `error:1E08010C:DECODER routines::unsupported: ${why}`);
  const read = (form, der) => {
    const found = rust.readKey(form, der);
    if (!found) throw unsupported(`this is no RSA, P-256 or P-384 key as ${form}`);
    return { kind: found[0], type: found[1] ? "private" : "public", material: found[2] };
  };
  const ofPem = (text) => {
    // What follows `EC PARAMETERS` is the key.
    for (const [, label, body] of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g)) {
      if (label === "ENCRYPTED PRIVATE KEY" || body.includes("ENCRYPTED")) {
        throw unsupported(platform.missing("reading an encrypted key"));
      }
      if (Object.hasOwn(LABELS, label)) return read(LABELS[label], decode("base64", body));
    }
    throw unsupported("no key in PEM");
  };

  // A key from whatever stands for one: { type, kind, material }.
  const parse = (key) => {
    const inner = open(key) ?? openCryptoKey(key);
    if (inner !== undefined) return inner;
    if (typeof key === "string") return ofPem(key);
    const bytes = bytesOf(key);
    if (bytes !== undefined) return ofPem(rust.encode("utf8", bytes));
    if (typeof key !== "object" || key === null) {
      throw invalid("key", "of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey", key);
    }
    const { key: inside, format = "pem", type, encoding } = key;
    if (format === "jwk") {
      if (typeof inside !== "object" || inside === null) throw invalid("key.key", "of type object", inside);
      try {
        const found = ofJwk(inside);
        return { kind: found.kind, type: found.private ? "private" : "public", material: found.material };
      } catch (error) {
        throw coded(TypeError, "ERR_CRYPTO_INVALID_JWK", `Invalid JWK data: ${error.message}`);
      }
    }
    if (format === "pem") return parse(typeof inside === "string" && encoding ? decode(encoding, inside) : inside);
    if (format !== "der") {
      throw coded(TypeError, "ERR_INVALID_ARG_VALUE", `The property 'key.format' is invalid. Received ${String(format)}`);
    }
    const der = bytesLike(inside, "key.key", encoding);
    if (type !== "pkcs1") return read(type === undefined ? "spki" : String(type), der);
    return read(rust.readKey("pkcs1-private", der) ? "pkcs1-private" : "pkcs1-public", der);
  };
  const wrongType = (type, expected) =>
    coded(TypeError, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", `Invalid key object type ${type}, expected ${expected}.`);

  const publicOf = (key) => {
    const found = parse(key);
    if (found.type === "public") return found;
    if (found.type !== "private") throw wrongType(found.type, "private or public");
    return { type: "public", kind: found.kind, material: rust.publicKeyOf(found.kind, found.material) };
  };
  const privateOf = (key) => {
    const found = parse(key);
    if (found.type === "private") return found;
    const inner = open(key) ?? openCryptoKey(key);
    throw inner === undefined ? unsupported("this is no private key") : wrongType(found.type, "private");
  };

  platform.keyObjects = {
    KeyObject, publicOf, privateOf,
    createPublicKey: (key) => make(publicOf(key)),
    createPrivateKey: (key) => make(privateOf(key)),
    createSecretKey: (key, encoding) =>
      make({ type: "secret", material: copyOf(bytesLike(key, "key", encoding)) }),
  };
  // The bytes of a secret key; undefined of what is no key.
  platform.hashes.secretOf = (key) => {
    const inner = open(key) ?? openCryptoKey(key);
    if (inner === undefined) return undefined;
    if (inner.type !== "secret") throw wrongType(inner.type, "secret");
    return inner.material;
  };
});
