package csrf

import "net/http"

// A RefusedError is what a call ends with that was not let in. It is answered
// with 403, and its text is not sent. Nothing of it comes from the client.
//
// Ktor: the text that onFailure gets.
type RefusedError struct {
	// Reason says what is wrong with the call, in words for a log.
	Reason string
}

// Error returns the reason.
func (e *RefusedError) Error() string { return "cross-site request forgery: " + e.Reason }

// StatusCode returns 403.
func (e *RefusedError) StatusCode() int { return http.StatusForbidden }
