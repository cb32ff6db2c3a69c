// Tokens as jsonwebtoken and jose make and judge them: reads a question, writes
// the answers of both.
import { readFileSync, writeFileSync } from 'node:fs';
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { SignJWT, jwtVerify } from 'jose';

const [, , question, answers] = process.argv;
const { secret, user, judge, sign } = JSON.parse(readFileSync(question, 'utf8'));
// As a key: of a string jsonwebtoken asks each time whether it is another kind.
const key = createSecretKey(Buffer.from(secret, 'utf8'));
const accepts = { algorithms: ['HS256'], subject: user };

const peers = {
  jsonwebtoken: {
    verify: (token) => jsonwebtoken.verify(token, key, accepts),
    sign: (claims) => jsonwebtoken.sign(claims, key, { algorithm: 'HS256' }),
  },
  jose: {
    verify: async (token) => (await jwtVerify(token, key, accepts)).payload,
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ typ: 'JWT', kid: '1', alg: 'HS256' }).sign(key),
  },
};

const written = {};
for (const [name, peer] of Object.entries(peers)) {
  const judged = [];
  for (const token of judge) {
    try {
      judged.push({ claims: await peer.verify(token) });
    } catch (error) {
      // Messages quote what they stumbled over, cut off anywhere.
      judged.push({ refused: String(error).replace(/[^ -~]/g, '?') });
    }
  }
  const signed = [];
  for (const claims of sign) {
    signed.push(await peer.sign(claims));
  }
  written[name] = { judged, signed };
}

// Right in every way, but for the key and its kind.
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
written.rs256 = sign.slice(0, 20).map((claims) =>
  jsonwebtoken.sign(claims, privateKey, { algorithm: 'RS256' }));
writeFileSync(answers, JSON.stringify(written));
