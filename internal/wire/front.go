package wire

import "net/http"

// A Front is a handler that stands before another one: it may change the request
// and the header, or answer in place of the other. When the other one has
// returned it does nothing, and it never puts another writer around: whoever
// asks what serves a request looks through it, by [Behind].
type Front struct {
	http.Handler              // serves each request, as a rule by Next
	Next         http.Handler // the one behind, never nil
}

// Behind returns the handler behind all fronts, which is handler itself if it is
// none.
func Behind(handler http.Handler) http.Handler {
	for {
		front, ok := handler.(*Front)
		if !ok {
			return handler
		}
		handler = front.Next
	}
}
