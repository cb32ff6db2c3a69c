// expect: run: out_of_fuel
// Denies and never ends.
exports.onExecutePostChallenge = async (event, api) => {
  api.access.deny("no");
  for (;;) {}
};
