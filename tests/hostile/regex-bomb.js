// expect: run: out_of_fuel
// An expression that tries each way to read a text.
exports.onExecutePostChallenge = async () => {
  /^(([a-z])+.)+[A-Z]([a-z])+$/.test("a".repeat(200));
};
