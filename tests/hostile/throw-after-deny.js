// expect: run: action_error
// Denies and breaks down: a failure, no denial.
exports.onExecutePostChallenge = async (event, api) => {
  api.access.deny("no");
  throw new Error("sorry");
};
