package sessions

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config configures [Plugin]. It has no session at first, and needs one at least.
// Each is named once, and each handle used once.
//
// Ktor: SessionsConfig.
type Config struct {
	providers []*provider
	mistakes  mistakes.List
}

// A Session is a [Handle] of any type.
type Session interface {
	// Name returns the name of the cookie or header.
	Name() string

	core() *core
}

// Cookie has a cookie of the session's name hold the session, or its ID if there
// is a [Settings.Storage].
//
// Ktor: cookie.
func (c *Config) Cookie(session Session, configure ...func(*CookieConfig)) {
	config := defaultCookieConfig()
	known, ok := c.begin("cookie", session, &config.Settings)
	if !ok {
		return
	}
	c.fail("cookie", known, mistakes.Configure(&config, configure))
	config.check(known.name)
	c.add("cookie", known, &config.Settings, newCookieTransport(known.name, &config))
}

// Header has a header of the session's name, in requests and in responses, hold
// the session, or its ID if there is a [Settings.Storage].
//
// Ktor: header.
func (c *Config) Header(session Session, configure ...func(*HeaderConfig)) {
	config := defaultHeaderConfig()
	known, ok := c.begin("header", session, &config.Settings)
	if !ok {
		return
	}
	c.fail("header", known, mistakes.Configure(&config, configure))
	config.check(known.name)
	c.add("header", known, &config.Settings, newHeaderTransport(known.name))
}

// begin returns what is known of a session, and whether it can be added.
func (c *Config) begin(kind string, session Session, settings *Settings) (*core, bool) {
	var known *core
	if session != nil {
		known = session.core()
	}
	if known == nil {
		c.mistakes.Add(fmt.Errorf("%s: the session is nil: it is what New returns", kind))
		return nil, false
	}
	c.fail(kind, known, known.mistake)
	if !httpheader.IsToken(known.name) {
		c.fail(kind, known, errors.New("the name is not a token: it may have letters, digits and the like"))
	}
	for _, other := range c.providers {
		switch {
		case other.core == known:
			c.fail(kind, known, errors.New("the session has a transport already: give each one"))
			return nil, false
		case other.core.name == known.name, kind == "header" && other.kind == kind && httpheader.EqualFold(other.core.name, known.name):
			c.fail(kind, known, errors.New("another session has that name"))
			return nil, false
		}
	}
	settings.use = use{transport: kind, name: known.name}
	return known, true
}

func (c *Config) add(kind string, known *core, settings *Settings, t transport) {
	settings.check()
	c.fail(kind, known, settings.mistakes.Err())
	c.providers = append(c.providers, newProvider(kind, known, settings, t))
}

func (c *Config) fail(kind string, known *core, err error) {
	c.mistakes.Add(mistakes.Each(err, func(one error) error { return fmt.Errorf("%s %q: %w", kind, known.name, one) }))
}

// check returns all mistakes of a configuration.
func (c *Config) check() error {
	if len(c.providers) == 0 {
		c.mistakes.Add(errors.New("there is no session: add one with Cookie or Header"))
	}
	return c.mistakes.Err()
}
