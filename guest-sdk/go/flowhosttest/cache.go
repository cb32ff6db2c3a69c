package flowhosttest

import (
	"fmt"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// The cache of the double: in memory, within the bounds of the real one.

const (
	maxKeyBytes   = 64
	maxValueBytes = 4_096
	maxEntries    = 20
	maxBytes      = 8_192
	defaultTTL    = int64(15 * 60 * 1_000)
	maxTTL        = int64(24 * 60 * 60 * 1_000)
)

func (d *double) CacheGet(key string) (flowhost.Cached, bool) {
	entry, ok := d.cache[key]
	return entry, ok
}

func (d *double) CacheSet(key, value string, expiry flowhost.Expiry) (flowhost.Cached, error) {
	none := flowhost.Cached{}
	if len(key) > maxKeyBytes {
		return none, refuse("CacheKeySizeExceeded", "a key has at most 64 bytes")
	}
	if len(value) > maxValueBytes {
		return none, refuse("CacheValueSizeExceeded", "a value has at most 4,096 bytes")
	}
	end, err := endOf(expiry)
	if err != nil {
		return none, err
	}
	others, bytes := 0, len(key)+len(value)
	for name, entry := range d.cache {
		if name != key {
			others++
			bytes += len(name) + len(entry.Value)
		}
	}
	if others >= maxEntries || bytes > maxBytes {
		return none, refuse("CacheSizeExceeded", "at most 20 entries and 8,192 bytes together")
	}
	d.cache[key] = flowhost.Cached{Value: value, ExpiresAt: end}
	return d.cache[key], nil
}

func (d *double) CacheDelete(key string) error {
	if _, ok := d.cache[key]; !ok {
		return refuse("CacheKeyDoesNotExist", fmt.Sprintf("there is no entry '%s'", key))
	}
	delete(d.cache, key)
	return nil
}

func endOf(expiry flowhost.Expiry) (int64, error) {
	ttl, hasTTL := expiry.TTL.Get()
	at, hasAt := expiry.ExpiresAt.Get()
	if ttl < 0 || at < 0 {
		return 0, refuse("InvalidExpiry", "an entry does not live a negative time")
	}
	end := NowMillis + defaultTTL
	switch {
	case hasTTL && hasAt:
		end = min(NowMillis+ttl, at)
	case hasTTL:
		end = NowMillis + ttl
	case hasAt:
		end = at
	}
	if end <= NowMillis {
		return 0, refuse("ItemAlreadyExpired", "the entry ends in the past")
	}
	if end > NowMillis+maxTTL {
		return 0, refuse("InvalidExpiry", "an entry lives at most 24 hours")
	}
	return end, nil
}
