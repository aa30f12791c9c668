package jwt

import (
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/plugins/authentication"
)

// ErrExpired refuses a token because its time is over. Whoever sent it may get a
// new one. It wraps [authentication.ErrInvalidCredentials].
var ErrExpired = invalid("the token has expired")

// Why other tokens are refused. None of them has anything of the token.
var (
	errTooLong   = invalid("the token is longer than MaxTokenSize")
	errMalformed = invalid("the token is malformed")
	errCritical  = invalid("the token requires an extension (crit)")
	errType      = invalid("the token is of another type (typ)")
	errNoKey     = invalid("no key fits the algorithm and the key ID of the token")
	errSignature = invalid("the signature is wrong")
	errNoExpiry  = invalid("the token has no time to expire (exp)")
	errNotYet    = invalid("the token is not valid yet (nbf)")
	errIssuedAt  = invalid("the token is issued in the future (iat)")
	errIssuer    = invalid("the token is of another issuer (iss)")
	errAudience  = invalid("the token is for another audience (aud)")
)

func invalid(reason string) error {
	return fmt.Errorf("%s: %w", reason, authentication.ErrInvalidCredentials)
}

// An UnavailableError says that the keys of a [JWKS] cannot be had, so that it is
// not known whether a token is valid. It is answered with 503.
type UnavailableError struct {
	// URL is where the keys are, without a password.
	URL string
	// Err is why they cannot be had.
	Err error
}

// Error names the address and the reason.
func (e *UnavailableError) Error() string { return fmt.Sprintf("keys of %s: %v", e.URL, e.Err) }

// Unwrap returns the reason.
func (e *UnavailableError) Unwrap() error { return e.Err }

// StatusCode returns 503.
func (e *UnavailableError) StatusCode() int { return http.StatusServiceUnavailable }
