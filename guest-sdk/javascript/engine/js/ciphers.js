// AES-GCM for crypto.subtle.
(function (native, platform) {
  "use strict";
  const { make, checkJwk, b64, ofB64, failure, missing } = platform.keys;
  const { need, allow, table } = platform.algorithms;
  const USAGES = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];

  const size = (bits) => {
    if (bits === 192) throw missing("AES with 192 bits");
    if (bits !== 128 && bits !== 256) throw failure("OperationError", "an AES key has 128 or 256 bits");
    return bits;
  };
  const made = (material, extractable, usages) => {
    const algorithm = { name: "AES-GCM", length: material.length * 8 };
    return make({ type: "secret", extractable, algorithm, usages, material });
  };
  const run = (seals, { iv, additionalData, tagLength = 128 }, { material }, data) => {
    const nonce = need(iv, "AES-GCM's `iv`");
    if (nonce.length !== 12) throw missing(`AES-GCM with an iv of ${nonce.length} bytes instead of 12`);
    if (tagLength !== 128) throw missing(`AES-GCM with a tag of ${String(tagLength)} bits instead of 128`);
    const aad = additionalData === undefined ? new Uint8Array(0) : need(additionalData, "AES-GCM's `additionalData`");
    return native.crypto.aesGcm(seals, material, nonce, data, aad);
  };

  table["AES-GCM"] = {
    import(format, data, _, extractable, usages) {
      allow(usages, USAGES, true);
      let material;
      if (format === "raw") {
        material = platform.copyOf(need(data, "the key"));
      } else if (format === "jwk") {
        material = ofB64(data.k, "k");
        checkJwk(data, { kty: "oct", alg: `A${material.length * 8}GCM`, extractable, usages, use: "enc" });
      } else {
        throw missing(`an AES key as ${format}`);
      }
      if (![16, 24, 32].includes(material.length)) throw failure("DataError", "an AES key has 128 or 256 bits");
      size(material.length * 8);
      return made(material, extractable, usages);
    },
    generate({ length }, extractable, usages) {
      allow(usages, USAGES, true);
      return made(native.randomBytes(size(length) / 8), extractable, usages);
    },
    length: ({ length }) => size(length),
    export(format, { material }) {
      if (format === "raw") return platform.copyOf(material).buffer;
      if (format !== "jwk") throw missing(`an AES key as ${format}`);
      return { kty: "oct", k: b64(material), alg: `A${material.length * 8}GCM` };
    },
    encrypt: (algorithm, key, data) => run(true, algorithm, key, data),
    decrypt: (algorithm, key, data) => run(false, algorithm, key, data),
  };
});
