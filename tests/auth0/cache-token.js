exports.onExecutePostChallenge = async (event, api) => {
  const cached = api.cache.get('api-token');
  if (cached) {
    console.log(`cached ${cached.value} until ${typeof cached.expires_at}`);
    return;
  }
  const result = api.cache.set('api-token', 'abc', { ttl: 60 * 1000 });
  if (result.type === 'error') {
    console.log('Failed to set the token in the cache with error code', result.code);
  } else {
    console.log('kept', result.record.value);
  }
  console.log(api.cache.set('k'.repeat(65), 'v'), api.cache.delete('none'));
};
