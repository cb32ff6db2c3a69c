// expect: run: wall_clock_exceeded
// Waits for two weeks.
exports.onExecutePostChallenge = async (event, api) => {
  api.access.deny("no");
  await new Promise((done) => setTimeout(done, 14 * 24 * 3600 * 1000));
};
