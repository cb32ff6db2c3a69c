// expect: run: out_of_fuel
// A promise of a promise of a promise.
exports.onExecutePostChallenge = () => {
  const again = { then: (done) => done(again) };
  return again;
};
