package authentication

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

var (
	// ErrNoCredentials says that a call has no credentials that a scheme could
	// look at.
	//
	// Ktor: AuthenticationFailedCause.NoCredentials.
	ErrNoCredentials = errors.New("no credentials")
	// ErrInvalidCredentials says that the credentials of a call are wrong: an
	// unknown user, a wrong password, a token that has expired.
	//
	// Ktor: AuthenticationFailedCause.InvalidCredentials.
	ErrInvalidCredentials = errors.New("invalid credentials")
	// ErrForbidden says that the caller is known, and may not do this. Other
	// credentials might, so that another scheme of the same [Require] is asked
	// as well.
	ErrForbidden = errors.New("forbidden")
)

// A Refusal is why one scheme has not accepted a call.
type Refusal struct {
	// Scheme is the name of the scheme.
	Scheme string
	// Err wraps [ErrNoCredentials], [ErrInvalidCredentials] or [ErrForbidden].
	Err error
}

// An UnauthorizedError ends a call that no scheme has accepted. It is answered
// with 401; its text is for the log.
//
// Ktor: UnauthorizedResponse.
type UnauthorizedError struct {
	// Refusals says why, for each scheme that was asked, in order. There is at
	// least one.
	Refusals []Refusal
	// Challenges are the values of WWW-Authenticate, which the plain answer has.
	// A function that answers with 401 itself adds them to the response.
	Challenges []string
}

// Error names the schemes, and why each has refused the call.
func (e *UnauthorizedError) Error() string { return "unauthorized: " + describe(e.Refusals) }

// StatusCode returns 401.
func (e *UnauthorizedError) StatusCode() int { return http.StatusUnauthorized }

// Unwrap returns the errors of the schemes.
func (e *UnauthorizedError) Unwrap() []error { return errorsOf(e.Refusals) }

// NoCredentials reports whether the call has no credentials of any scheme, so
// that nobody has been mistaken.
func (e *UnauthorizedError) NoCredentials() bool { return allWithout(e.Refusals) }

// A ForbiddenError ends a call whose caller is known to a scheme, which does not
// let it in. It is answered with 403; its text is for the log.
//
// Ktor: ForbiddenResponse.
type ForbiddenError struct {
	// Refusals says why, for each scheme that was asked, in order.
	Refusals []Refusal
}

// Error names the schemes, and why each has refused the call.
func (e *ForbiddenError) Error() string { return "forbidden: " + describe(e.Refusals) }

// StatusCode returns 403.
func (e *ForbiddenError) StatusCode() int { return http.StatusForbidden }

// Unwrap returns the errors of the schemes.
func (e *ForbiddenError) Unwrap() []error { return errorsOf(e.Refusals) }

func describe(refusals []Refusal) string {
	parts := make([]string, len(refusals))
	for i, refusal := range refusals {
		parts[i] = fmt.Sprintf("%s: %v", refusal.Scheme, refusal.Err)
	}
	return strings.Join(parts, "; ")
}

func errorsOf(refusals []Refusal) []error {
	all := make([]error, len(refusals))
	for i, refusal := range refusals {
		all[i] = refusal.Err
	}
	return all
}

func allWithout(refusals []Refusal) bool {
	for _, refusal := range refusals {
		if !isWithout(refusal.Err) {
			return false
		}
	}
	return true
}

// isWithout reports whether err says that there are no credentials, and nothing
// worse: of an error that wraps several sentinels the strictest counts.
func isWithout(err error) bool {
	return errors.Is(err, ErrNoCredentials) && !errors.Is(err, ErrInvalidCredentials) && !errors.Is(err, ErrForbidden)
}

// isRefusal reports whether err says no, rather than that something failed.
func isRefusal(err error) bool {
	return errors.Is(err, ErrNoCredentials) || errors.Is(err, ErrInvalidCredentials) || errors.Is(err, ErrForbidden)
}
