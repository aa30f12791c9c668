package callid

import (
	"context"
	"fmt"

	"github.com/chitor-go/chitor/app"
)

// Plugin gives each call an id: Ktor's CallId. It can be installed on the
// application, or on routes, where the nearest installation is the only one
// that runs. Installed as it is, it has no source of ids and gives none.
var Plugin = app.NewScopedPlugin("CallId", defaultConfig, setup)

var idKey = app.NewKey[string]("callid.id")

// Get returns the id of the call, and whether it has one. It may be called from
// any goroutine.
// Ktor: call.callId.
func Get(c *app.Call) (string, bool) { return idKey.Get(c) }

// FromContext returns the id of the call that ctx belongs to, and whether there
// is one.
// Ktor: KtorCallIdContextElement.
func FromContext(ctx context.Context) (string, bool) {
	c, ok := app.CallFrom(ctx)
	if !ok {
		return "", false
	}
	return Get(c)
}

func setup(b *app.PluginBuilder[Config]) error {
	config := b.Config()
	if err := config.check(); err != nil {
		return err
	}
	b.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			id, err := config.find(c)
			if err != nil {
				return fmt.Errorf("find the call id: %w", err)
			}
			if id != "" {
				idKey.Set(c, id)
				for _, reply := range config.replies {
					reply(c, id)
				}
			}
			return next(c)
		}
	})
	return nil
}

// find returns the first id that passes, or "".
func (c *Config) find(call *app.Call) (string, error) {
	for _, sources := range [...][]Source{c.retrieve, c.generate} {
		for _, source := range sources {
			id := source(call)
			if id == "" {
				continue
			}
			if len(id) > c.MaxLength || hasControl(id) {
				return "", &RejectedError{ID: id}
			}
			if passes, err := c.verify(id); passes || err != nil {
				return id, err
			}
		}
	}
	return "", nil
}

// hasControl reports whether the id has a character that could end a line of a
// log or a header.
func hasControl(id string) bool {
	for i := range len(id) {
		if id[i] < ' ' || id[i] == 0x7f {
			return true
		}
	}
	return false
}
