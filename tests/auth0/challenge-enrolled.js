module.exports.onExecutePostChallenge = async function (event, api) {
  const enrolledFactors = event.user.enrolledFactors.map((f) => ({ type: f.type, options: f.options }));
  api.authentication.challengeWithAny(enrolledFactors);
};
