package app

import "net/http"

// FromHTTP returns a handler that lets h answer, by net/http's rules: a handler
// that writes nothing has answered with 200, unless the call's context has ended:
// then it fails with that context's error, which is 504 for a time-out. It is for
// one route; routing's Mount is for everything below a path. Nil, or a nil
// http.HandlerFunc, gives nil, a mistake of the line that declares it.
func FromHTTP(h http.Handler) Handler {
	if f, ok := h.(http.HandlerFunc); h == nil || ok && f == nil {
		return nil
	}
	return func(c *Call) error {
		c.answer.preset = 0 // it was set for a handler of ours
		h.ServeHTTP(c.Writer(), c.Request)
		return c.answerEmpty()
	}
}
