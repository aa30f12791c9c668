package ratelimit

import (
	"errors"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config configures [Plugin]. It is read when the plugin is installed; later
// changes have no effect. The functions are called for concurrent calls at once.
//
// Ktor: RateLimitProviderConfig.
type Config struct {
	// Name is what headers, errors and logs call the limit, and what the buckets
	// are shared by: installations of one name in an application have the same
	// buckets, and must have the same settings but for Key, Weight, LimitFor,
	// Headers and ModifyResponse. It is a token: letters, digits and some signs
	// (RFC 9110 section 5.6.2). Empty, the default, is a limit of its own, which
	// headers call "default"; with a Store it is a mistake.
	//
	// Ktor: RateLimitName.
	Name string
	// Limit is how many tokens a bucket holds, and so how many calls may come at
	// once. It has no default, and must be set unless there is a LimitFor. 0
	// switches the limit off: no call is refused or counted, and no header is
	// sent.
	//
	// Ktor: the limit of rateLimiter, where 0 refuses every call.
	Limit int
	// Refill is how long an empty bucket takes to be full again. It has no default
	// and must be set; less than a millisecond is a mistake.
	//
	// Ktor: the refillPeriod of rateLimiter.
	Refill time.Duration

	// Key returns what a call is counted by: calls with different keys have
	// different buckets. An error ends the call, as one that a handler returns
	// does; let it have a status. [ByAddress] by default; nil is a mistake. What
	// the key is made of must be proven before: a key that clients choose is no
	// limit.
	//
	// Ktor: requestKey, by default one for all, which is [OneForAll].
	Key func(c *app.Call) (string, error)
	// Weight returns how many tokens a call takes. 0 lets it in uncounted; more
	// than the limit refuses it always, which is logged. A negative one is an
	// error of the call: 500. Nil, the default, is one for each.
	//
	// Ktor: requestWeight.
	Weight func(c *app.Call, key string) int
	// LimitFor returns the limit of a key in place of Limit, such as that of what
	// a user has paid for. 0 does not limit the call. A negative one is an error of
	// the call: 500. When the limit of a key rises the bucket grows, and fills as
	// time passes. Nil, the default, is Limit for all.
	//
	// Ktor: a rateLimiter that makes one for each key.
	LimitFor func(c *app.Call, key string) int

	// Headers says which headers tell clients what is left: [AllHeaders] by
	// default.
	Headers Headers
	// ModifyResponse may change the headers of a call that was counted, when
	// those of Headers and Retry-After are set and before the call goes on or
	// ends. Nil, the default, changes nothing.
	//
	// Ktor: modifyResponse, which sends the headers itself.
	ModifyResponse func(c *app.Call, d Decision)

	// MaxKeys is how many buckets are in memory at most, of about 200 bytes each
	// with a key of usual length: 100,000 by default. What happens beyond is
	// described at the head of the package; it is logged at most once a minute. 0
	// sets no limit: then memory grows with the number of keys that are not full
	// again. With a Store it bounds what is counted while the store fails.
	MaxKeys int

	// Store counts for all nodes of an application. Nil, the default, counts in
	// memory, for this application alone. What it is made from, such as a
	// connection, belongs to whoever made it.
	Store Store
	// StoreTimeout is how long a call waits for the Store: 100 ms by default. What
	// takes longer has failed. 0 sets no limit.
	StoreTimeout time.Duration
	// WhenStoreFails says what becomes of calls while the Store fails:
	// [LimitLocally] by default.
	WhenStoreFails StoreFailure
}

// unset is a limit that nobody has set.
const unset = -1

func defaultConfig() Config {
	return Config{Limit: unset, Key: ByAddress, MaxKeys: 100_000, StoreTimeout: 100 * time.Millisecond}
}

// check returns all mistakes of a configuration.
func (c *Config) check() error {
	var wrong mistakes.List
	switch {
	case c.Limit == unset && c.LimitFor == nil:
		wrong.Add(errors.New("the limit is not set: set Limit, to 0 for none, or LimitFor"))
	case c.Limit < 0 && c.LimitFor == nil:
		wrong.Add(fmt.Errorf("the limit is %d: it must not be negative, and 0 is no limit", c.Limit))
	case c.Refill <= 0 && (c.Limit != 0 || c.LimitFor != nil):
		wrong.Add(fmt.Errorf("the refill time is %v: it must be positive, the time in which an empty bucket fills", c.Refill))
	case c.Refill > 0 && c.Refill < time.Millisecond:
		wrong.Add(fmt.Errorf("the refill time is %v, in which nobody reaches a limit: write the unit, as in 60 * time.Second", c.Refill))
	}
	if c.Name != "" && !httpheader.IsToken(c.Name) {
		wrong.Add(fmt.Errorf("the name %q is not a token: it may have letters, digits and the like", c.Name))
	}
	if c.Key == nil {
		wrong.Add(errors.New("the function Key is nil: ByAddress is the default, and OneForAll has one bucket for all"))
	}
	if c.Store != nil && c.Name == "" {
		wrong.Add(errors.New("a limit with a Store needs a Name, by which all nodes know it"))
	}
	if c.MaxKeys < 0 {
		wrong.Add(fmt.Errorf("MaxKeys is %d: it must not be negative, and 0 is no limit", c.MaxKeys))
	}
	if c.StoreTimeout < 0 {
		wrong.Add(fmt.Errorf("StoreTimeout is %v: it must not be negative, and 0 is no limit", c.StoreTimeout))
	}
	if c.Headers > NoHeaders {
		wrong.Add(fmt.Errorf("headers %d are none of AllHeaders, XHeaders, DraftHeaders and NoHeaders", c.Headers))
	}
	if c.WhenStoreFails > Refuse {
		wrong.Add(fmt.Errorf("WhenStoreFails is %d, none of LimitLocally, LetIn and Refuse", c.WhenStoreFails))
	}
	return wrong.Err()
}
