package ratelimit

import (
	"fmt"
	"reflect"
	"time"

	"github.com/chitor-go/chitor/app"
)

// A limiter is what the installations of one limit share. All but its buckets
// and its outage stay as they were made.
type limiter struct {
	settings settings
	store    Store // nil counts in memory alone
	memory   *memory
	outage   outage
}

// settings are what installations of one name must agree on.
type settings struct {
	policy  Policy
	maxKeys int
	timeout time.Duration
	failure StoreFailure
}

// limitersKey holds the limiters of an application by name.
var limitersKey = app.NewKey[map[string]*limiter]("ratelimit.limiters")

// limiterOf returns the limiter of an installation: that of its name if there is
// one.
func limiterOf(a *app.Application, config *Config) (*limiter, error) {
	wanted := settings{
		Policy{config.Name, config.Limit, config.Refill}, config.MaxKeys, config.StoreTimeout, config.WhenStoreFails,
	}
	if config.Name == "" {
		wanted.policy.Name = "default"
		return newLimiter(a, wanted, nil), nil
	}
	known, found := limitersKey.Get(a)
	if !found {
		known = map[string]*limiter{}
		limitersKey.Set(a, known)
	}
	switch l := known[config.Name]; {
	case l == nil:
		known[config.Name] = newLimiter(a, wanted, config.Store)
	case l.settings != wanted || !isSame(l.store, config.Store):
		return nil, fmt.Errorf("another limit has the name %s and other settings: those that share buckets must have the same "+
			"Limit, Refill, MaxKeys, Store, StoreTimeout and WhenStoreFails", config.Name)
	}
	return known[config.Name], nil
}

// isSame compares stores, which may be of a type that cannot be compared.
func isSame(a, b Store) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

func newLimiter(a *app.Application, s settings, store Store) *limiter {
	crowded := func() {
		a.Logger().Warn("a rate limit has no room for more keys: those that have used least are forgotten, and when none "+
			"has tokens left, new ones share a bucket", "limit", s.policy.Name, "MaxKeys", s.maxKeys)
	}
	l := &limiter{settings: s, store: store, memory: newMemory(s.maxKeys, crowded)}
	l.outage.log, l.outage.name = a.Logger(), s.policy.Name
	return l
}

// take takes tokens for a call, wherever they are counted.
func (l *limiter) take(c *app.Call, policy Policy, key string, weight int) (Balance, error) {
	if l.store == nil {
		return l.memory.take(policy, key, weight), nil
	}
	balance, ok, err := l.ask(c.Context(), policy, key, weight)
	if ok || err != nil {
		return balance, err
	}
	return l.instead(c, policy, key, weight)
}
