package httprequestlifecycle

import (
	"context"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Config says what becomes of a call whose client goes away.
//
// Ktor: HttpRequestLifecycleConfig.
type Config struct {
	// CancelCallOnClose ends the context of the call at once. True, the default,
	// is how it is without the plugin; with false the call goes on.
	//
	// Ktor: cancelCallOnClose, which is false by default.
	CancelCallOnClose bool
}

// Plugin says whether a call goes on when its client goes away. It can be
// installed on the application, or on routes, where the nearest installation is
// the only one that runs.
//
// Ktor: HttpRequestLifecycle.
var Plugin = app.NewScopedPlugin("HttpRequestLifecycle", func() Config { return Config{CancelCallOnClose: true} }, setup)

// endKey holds what ends the context of a call that goes on.
var endKey = app.NewKey[context.CancelCauseFunc]("httprequestlifecycle.end")

func setup(b *app.PluginBuilder[Config]) error {
	if b.Config().CancelCallOnClose {
		return nil
	}
	b.OnPhase(app.PhaseSetup, func(c *app.Call) error {
		if asksForEvents(c.Request) {
			return nil
		}
		ctx, end := withoutClient(c)
		endKey.Set(c, end)
		c.Request = c.Request.WithContext(ctx)
		return nil
	})
	b.OnResponseSent(func(c *app.Call) {
		if end, ok := endKey.Get(c); ok {
			end(context.Canceled)
		}
	})
	return nil
}

// asksForEvents reports whether the client waits for an event stream, which is
// for nobody but itself.
func asksForEvents(r *http.Request) bool {
	for element := range httpheader.Elements(r.Header["Accept"]) {
		if name, _ := httpheader.CutParameters(element); httpheader.EqualFold(name, "text/event-stream") {
			return true
		}
	}
	return false
}

// withoutClient returns a context for the call that does not end with its
// client, but with whatever else ends the one around it.
func withoutClient(c *app.Call) (context.Context, context.CancelCauseFunc) {
	around, client := c.Context(), c.Arrived().Context()
	ctx, end := context.WithCancelCause(context.WithoutCancel(around))
	application := c.Application().Context()
	forget := context.AfterFunc(application, func() { end(context.Cause(application)) })
	ignore := context.AfterFunc(around, func() {
		if client.Err() == nil {
			end(context.Cause(around))
		}
	})
	stop := func() bool { return false }
	if deadline, limited := around.Deadline(); limited { // also when the client has gone
		stop = time.AfterFunc(time.Until(deadline), func() { end(context.DeadlineExceeded) }).Stop
	}
	return ctx, func(cause error) { stop(); forget(); ignore(); end(cause) }
}
