// util.isDeepStrictEqual.
(function (native, platform) {
  "use strict";
  const { kind, uncurry } = platform;
  const { is, keys, getPrototypeOf, hasOwn, getOwnPropertySymbols } = Object;
  const isEnumerable = uncurry(Object.prototype.propertyIsEnumerable);

  const enumerableSymbols = (value) => getOwnPropertySymbols(value).filter((symbol) => isEnumerable(value, symbol));

  const sameMembers = (one, other, seen) => {
    const names = [...keys(one), ...enumerableSymbols(one)];
    if (names.length !== keys(other).length + enumerableSymbols(other).length) return false;
    return names.every((name) => hasOwn(other, name) && isEnumerable(other, name) && equal(one[name], other[name], seen));
  };

  const sameSets = (one, other, seen) => {
    if (one.size !== other.size) return false;
    const rest = [...other];
    return [...one].every((item) => {
      const at = rest.findIndex((candidate) => equal(item, candidate, seen));
      if (at >= 0) rest.splice(at, 1);
      return at >= 0;
    });
  };
  const sameMaps = (one, other, seen) => {
    if (one.size !== other.size) return false;
    const rest = [...other];
    return [...one].every((entry) => {
      const at = rest.findIndex((candidate) => equal(entry[0], candidate[0], seen) && equal(entry[1], candidate[1], seen));
      if (at >= 0) rest.splice(at, 1);
      return at >= 0;
    });
  };

  const sameInside = (type, one, other, seen) => {
    if (platform.typedArray(type) !== undefined || type === "ArrayBuffer" || type === "DataView") {
      return one.byteLength === other.byteLength && native.compare(platform.bytes(one), platform.bytes(other)) === 0;
    }
    switch (type) {
      case "Date": return is(one.getTime(), other.getTime());
      case "RegExp": return one.source === other.source && one.flags === other.flags && one.lastIndex === other.lastIndex;
      case "Boolean": case "Number": case "String": case "Symbol": case "BigInt": return is(one.valueOf(), other.valueOf());
      case "Error": return one.message === other.message && one.name === other.name && equal(one.cause, other.cause, seen);
      case "Set": return sameSets(one, other, seen);
      case "Map": return sameMaps(one, other, seen);
      case "Array": return one.length === other.length;
      case "WeakMap": case "WeakSet": case "Promise": return false;
      default: return platform.hrefOf(one) === platform.hrefOf(other);
    }
  };

  const equal = (one, other, seen) => {
    if (is(one, other)) return true;
    const type = kind(one);
    if (type !== kind(other) || typeof one !== "object" || one === null) return false;
    if (getPrototypeOf(one) !== getPrototypeOf(other)) return false;
    // What is compared already is equal unless something else says otherwise.
    if (seen.some((pair) => pair[0] === one && pair[1] === other)) return true;
    seen.push([one, other]);
    const same = sameInside(type, one, other, seen) && sameMembers(one, other, seen);
    seen.pop();
    return same;
  };
  platform.equal = (one, other) => equal(one, other, []);
});
