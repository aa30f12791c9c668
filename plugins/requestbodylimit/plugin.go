package requestbodylimit

import (
	"fmt"
	"io"
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// Plugin limits the bodies of requests. It can be installed on the application
// or on routes; only the nearest installation runs.
//
// Ktor: RequestBodyLimit.
var Plugin = app.NewScopedPlugin("RequestBodyLimit", func() Config { return Config{} }, setup)

// refusedKey holds why the body of a call is refused before it is read.
var refusedKey = app.NewKey[error]("requestbodylimit.refused")

func setup(b *app.PluginBuilder[Config]) error {
	limit, err := b.Config().function()
	if err != nil {
		return err
	}
	named := b.Config().limit != nil
	b.OnPhase(app.PhaseSetup, func(c *app.Call) error {
		limit := max(limit(c), 0)
		if named {
			raise(c, limit)
		}
		limitBody(c, limit)
		return nil
	})
	b.OnPhase(app.PhaseCall, func(c *app.Call) error {
		if err, found := refusedKey.Get(c); found && !c.Answered() {
			return err
		}
		return nil
	})
	return nil
}

// raise lets the call receive as much as the limit that was named for it.
func raise(c *app.Call, limit int64) {
	switch configured := c.Application().Config().BodyLimit; {
	case limit == Unlimited:
		c.SetBodyLimit(0)
	case configured > 0 && limit > configured:
		c.SetBodyLimit(limit)
	}
}

// limitBody puts the limit on the body of the call's request.
func limitBody(c *app.Call, limit int64) {
	body, length := c.Request.Body, c.Request.ContentLength
	switch {
	case body == nil || body == http.NoBody || limit == Unlimited:
	case length > limit:
		err := fmt.Errorf("request body of %d bytes: %w", length, &http.MaxBytesError{Limit: limit})
		refusedKey.Set(c, err)
		c.Request.Body = refused{body, err}
	default:
		c.Request.Body = http.MaxBytesReader(c.Writer(), body, limit)
	}
}

// refused is a body that is known to be too long before it is read.
type refused struct {
	io.Closer

	err error
}

func (r refused) Read([]byte) (int, error) { return 0, r.err }
