// expect: run: out_of_fuel
// A reason that is never ready.
exports.onExecutePostChallenge = async (event, api) => {
  api.access.deny({ toString() { for (;;) {} } });
};
