// expect: run: memory_limit_exceeded
// An array of half a gigabyte.
exports.onExecutePostChallenge = async () => {
  const all = new Uint8Array(1 << 29).fill(1);
  console.log(all.length);
};
