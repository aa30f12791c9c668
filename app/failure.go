package app

// Failure returns the error that the call has failed with, or nil if it has
// not: what a handler, hook, middleware or work beside the call returned or
// panicked with, as a [PanicError], when it first became the answer or was too
// late to become one. It is http.ErrAbortHandler if somebody asked for the
// connection to be cut. What a hook of [PluginBuilder.OnResponseSent] sees is
// final. Who answered, and with which status, makes no difference. Behind a
// middleware that the call cannot look through, such as http.TimeoutHandler, a
// failure is not seen from outside it. It belongs to the call's goroutine.
func (c *Call) Failure() error {
	if c.rare == nil {
		return nil
	}
	return c.rare.answered
}
