/** @import { Event, PasswordResetPostChallengeAPI } from "@auth0/actions/password-reset-post-challenge/v1" */

/**
 * Refuses resets from networks and countries that are not welcome.
 *
 * Networks are written in CIDR notation, IPv4 or IPv6; countries as ISO 3166-1
 * alpha-2 codes. An address that cannot be read fails the flow.
 *
 * @param {Event} event - Details about the user and the reset.
 * @param {PasswordResetPostChallengeAPI} api - What an action may ask for.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const { networks = [], countries = [], ...unknown } = event.configuration;
  if (Object.keys(unknown).length > 0) {
    throw new Error(`the configuration has no ${Object.keys(unknown).join(', ')}`);
  }
  const { ip, geoip } = event.request;
  const address = plain(parseAddress(ip));
  /** @type {Network[]} */
  const refused = networks.map(parseNetwork);
  const network = refused.find((candidate) => contains(candidate, address));
  if (network) {
    console.log(`${ip} is in ${network.text}`);
    return api.access.deny('Passwords cannot be reset from this network.');
  }
  if (countries.includes(geoip.countryCode)) {
    console.log(`${ip} is in ${geoip.countryCode}`);
    return api.access.deny('Passwords cannot be reset from this country.');
  }
};

/**
 * An address: how many bits it has, and their value.
 *
 * @typedef {{ length: number, bits: bigint }} Address
 * @typedef {{ text: string, address: Address, prefix: number }} Network
 */

/**
 * @param {Network} network
 * @param {Address} address
 */
function contains(network, address) {
  const rest = BigInt(network.address.length - network.prefix);
  const sameKind = network.address.length === address.length;
  return sameKind && network.address.bits >> rest === address.bits >> rest;
}

/**
 * @param {string} text - Such as `198.51.100.0/24`.
 * @returns {Network}
 */
function parseNetwork(text) {
  const [address, prefix, ...more] = String(text).split('/');
  const network = { text, address: parseAddress(address), prefix: Number(prefix) };
  if (more.length > 0 || !/^\d{1,3}$/.test(prefix) || network.prefix > network.address.length) {
    throw new Error(`${text} is no network like 198.51.100.0/24`);
  }
  return network;
}

/**
 * @param {string} text
 * @returns {Address}
 */
function parseAddress(text) {
  const address = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (address === undefined) {
    throw new Error(`${text} is no IP address`);
  }
  return address;
}

/** @param {string} text */
function parseIpv4(text) {
  const parts = text.split('.');
  const valid = parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return valid && parts.length === 4 ? { length: 32, bits: join(parts.map(Number), 8n) } : undefined;
}

/** @param {string} text */
function parseIpv6(text) {
  const halves = inGroups(text).split('::');
  const [head, tail, ...more] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (more.length > 0 || (tail ? missing < 1 : missing !== 0)) {
    return undefined;
  }
  const all = [...head, ...Array(missing).fill('0'), ...(tail ?? [])];
  const valid = all.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  return valid ? { length: 128, bits: join(all.map((group) => parseInt(group, 16)), 16n) } : undefined;
}

/**
 * An IPv4 address at the end of an IPv6 address stands for two groups.
 *
 * @param {string} text
 */
function inGroups(text) {
  const end = text.slice(text.lastIndexOf(':') + 1);
  const bits = parseIpv4(end)?.bits;
  if (bits === undefined) {
    return text;
  }
  return `${text.slice(0, -end.length)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}

/**
 * The IPv4 address that an IPv6 address such as `::ffff:203.0.113.9` stands for.
 *
 * @param {Address} address
 */
function plain(address) {
  const mapped = address.length === 128 && address.bits >> 32n === 0xffffn;
  return mapped ? { length: 32, bits: address.bits & 0xffffffffn } : address;
}

/**
 * @param {number[]} parts
 * @param {bigint} width - Of each part, in bits.
 */
function join(parts, width) {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}
