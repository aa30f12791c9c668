package app

import (
	"net/http"
	"time"
)

// setLimits tells the wires of all calls what the configuration says.
func (a *Application) setLimits() {
	a.limits.Write, a.limits.Read = a.config.WriteTimeout, a.config.ReadTimeout
	a.limits.TooLate = func(err error) error {
		return &Error{Status: http.StatusRequestTimeout, Message: "the body did not arrive in time", Err: err}
	}
}

// SetWriteTimeout replaces [Config.WriteTimeout] for what this call has not
// written yet; 0 or less sets no deadline. It belongs to the call's goroutine,
// and to nobody while others write.
func (c *Call) SetWriteTimeout(timeout time.Duration) { c.wire.SetWriteTimeout(timeout) }

// SetReadTimeout replaces [Config.ReadTimeout] for the body of this call, from
// the next read on; 0 or less sets no limit. It is for requests whose clients
// are silent on purpose, such as streams in both directions. It belongs to the
// call's goroutine, and has no effect in a server that has set
// http.Server.ReadTimeout, nor behind a middleware that runs the rest on a
// goroutine of its own, as http.TimeoutHandler does.
func (c *Call) SetReadTimeout(timeout time.Duration) { c.wire.SetReadTimeout(timeout) }
