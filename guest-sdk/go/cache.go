package flowhost

// Cache is a small store shared by the actions of a tenant's trigger. Entries may vanish
// early.
type Cache struct {
	calls Calls
}

// Cache is the store.
func (a API) Cache() Cache { return Cache(a) }

// Cached is an entry.
type Cached struct {
	Value string
	// ExpiresAt is in milliseconds since the Unix epoch.
	ExpiresAt int64
}

// Expiry is when an entry ends: the earlier of the two when both are given, 15 minutes
// from now when none is, at most 24 hours from now.
type Expiry struct {
	// TTL is in milliseconds from now.
	TTL Option[int64]
	// ExpiresAt is in milliseconds since the Unix epoch.
	ExpiresAt Option[int64]
}

// Get returns an entry, and whether there is one.
func (c Cache) Get(key string) (Cached, bool) { return c.calls.CacheGet(key) }

// Set writes an entry that lives 15 minutes.
func (c Cache) Set(key, value string) (Cached, error) {
	return c.calls.CacheSet(key, value, Expiry{})
}

// SetUntil writes an entry.
func (c Cache) SetUntil(key, value string, expiry Expiry) (Cached, error) {
	return c.calls.CacheSet(key, value, expiry)
}

// Delete removes an entry.
func (c Cache) Delete(key string) error { return c.calls.CacheDelete(key) }
