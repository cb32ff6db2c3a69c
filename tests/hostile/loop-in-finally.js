// expect: run: out_of_fuel
// Throws, and never gets over it.
exports.onExecutePostChallenge = async (event, api) => {
  for (;;) {
    try {
      throw new Error("again");
    } catch (error) {
      continue;
    } finally {
      api.access = null;
    }
  }
};
