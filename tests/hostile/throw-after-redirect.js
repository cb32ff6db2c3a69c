// expect: run: action_error
// Sends the user away and rejects.
exports.onExecutePostChallenge = (event, api) => {
  api.redirect.sendUserTo("https://verify.example.com/");
  return Promise.reject(new Error("sorry"));
};
exports.onContinuePostChallenge = async () => {};
