// expect: run: out_of_fuel
// Takes all of a generator that has no end.
exports.onExecutePostChallenge = async () => {
  const numbers = function* () { for (;;) yield 1; };
  let sum = 0;
  for (const n of numbers()) sum += n;
};
