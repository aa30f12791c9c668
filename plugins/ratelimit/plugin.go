package ratelimit

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// Plugin limits the rate of calls. It is a layer: it can be installed on the
// application, on routes and on groups, any number of times, and every one that
// lies around a handler counts, outer ones first. It has no limit of its own:
// without a configuration it is a mistake.
//
// Ktor: RateLimit, whose global and rateLimit are installations of this.
var Plugin = app.NewLayer("RateLimit", defaultConfig, setup)

// Decisions returns what the limits that the call has come to have decided, the
// outermost first, without those that do not limit it. It belongs to the call's
// goroutine.
func Decisions(c *app.Call) []Decision {
	last, found := passageKey.Get(c)
	if !found {
		return nil
	}
	var all []Decision
	for p := &last; p != nil; p = p.outer {
		all = append(all, p.decision)
	}
	slices.Reverse(all)
	return all
}

// A passage is a call's way past a limit.
type passage struct {
	limiter  *limiter
	decision Decision
	outer    *passage // past the limit around, nil if there is none
}

// passageKey holds the way of a call past the innermost limit so far.
var passageKey = app.NewKey[passage]("ratelimit.passage")

// has reports whether the call has come to that limit before.
func (p *passage) has(l *limiter) bool {
	for ; p != nil; p = p.outer {
		if p.limiter == l {
			return true
		}
	}
	return false
}

func setup(b *app.PluginBuilder[Config]) error {
	config := *b.Config()
	if err := config.check(); err != nil {
		return err
	}
	if config.Limit == 0 && config.LimitFor == nil {
		return nil
	}
	shared, err := limiterOf(b.Application(), &config)
	if err != nil {
		return err
	}
	b.OnCall((&limit{config: config, limiter: shared}).pass)
	return nil
}

// A limit is one installation.
type limit struct {
	*limiter

	config   Config
	tooHeavy sync.Once // a call that is never let in is logged once
}

// pass lets a call pass, or returns the error that refuses it.
func (l *limit) pass(c *app.Call) error {
	if c.Answered() {
		return nil
	}
	last, inside := passageKey.Get(c)
	if inside && last.has(l.limiter) {
		return nil
	}
	key, err := l.config.Key(c)
	if err != nil {
		return fmt.Errorf("key of rate limit %s: %w", l.settings.policy.Name, err)
	}
	policy, weight, err := l.demand(c, key)
	if err != nil || weight == 0 || policy.Limit == 0 {
		return err
	}
	balance, err := l.take(c, policy, bounded(key), weight)
	if err != nil {
		return err
	}
	now := passage{limiter: l.limiter, decision: policy.decide(balance, weight)}
	if inside {
		now.outer = &passage{last.limiter, last.decision, last.outer}
	}
	passageKey.Set(c, now)
	return l.respond(c, &now.decision)
}

// demand returns what a call is limited by, and how much it counts.
func (l *limit) demand(c *app.Call, key string) (policy Policy, weight int, err error) {
	policy, weight = l.settings.policy, 1
	if l.config.LimitFor != nil {
		policy.Limit = l.config.LimitFor(c, key)
	}
	if l.config.Weight != nil {
		weight = l.config.Weight(c, key)
	}
	if policy.Limit < 0 || weight < 0 {
		err = fmt.Errorf("rate limit %s: LimitFor is %d and Weight %d, and neither may be negative", policy.Name, policy.Limit, weight)
	}
	if policy.Limit > 0 && weight > policy.Limit {
		l.tooHeavy.Do(func() {
			c.Application().Logger().WarnContext(c.Context(), "a call weighs more than its rate limit, and is never let in",
				"limit", policy.Name, "weight", weight, "of", policy.Limit, "route", c.Route())
		})
	}
	return policy, weight, err
}

// respond sets the headers, and returns the error that refuses the call.
func (l *limit) respond(c *app.Call, d *Decision) error {
	l.config.Headers.write(c.Header(), d)
	var refusal error
	if !d.Allowed {
		exceeded := &ExceededError{*d}
		c.Header().Set("Retry-After", strconv.FormatInt(exceeded.retryAfter(), 10))
		refusal = exceeded
	}
	if l.config.ModifyResponse != nil {
		l.config.ModifyResponse(c, *d)
	}
	return refusal
}
