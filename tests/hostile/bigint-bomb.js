// expect: run: out_of_fuel
// Powers of powers.
exports.onExecutePostChallenge = async () => {
  let n = 3n;
  for (;;) n = (n * n) % (1n << 200000n);
};
