package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/oauth2"
)

// ErrState is the cause of a login that fails because its answer belongs to no
// login that this browser has begun, or to one that is over: the state is missing,
// foreign, used before, or too old. The call ends with 401. Beginning anew helps.
//
// Ktor: OAuth2Exception.InvalidNonce.
var ErrState error = &stateError{}

type stateError struct{}

func (*stateError) Error() string {
	return "the answer belongs to no login that this browser has begun"
}

// StatusCode returns 401.
func (*stateError) StatusCode() int { return http.StatusUnauthorized }

// A RefusedError is that of a login that the provider has refused: the user has
// not agreed, or the code is not valid any more. The call ends with 401.
//
// Ktor: OAuth2RedirectError, OAuth2InvalidGrantError.
type RefusedError struct {
	// Flow is the name of the flow.
	Flow string
	// Code is what the provider calls the error, such as "access_denied" or
	// "invalid_grant" (RFC 6749 sections 4.1.2.1 and 5.2).
	Code string
	// Description is what the provider says about it, "" if nothing: at most 256
	// bytes of printable ASCII, from outside. Do not show it as your own words.
	Description string
}

// Error returns the flow, the code and the description.
func (e *RefusedError) Error() string {
	text := fmt.Sprintf("log in by %s: the provider refuses: %s", e.Flow, e.Code)
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}

// StatusCode returns 401.
func (*RefusedError) StatusCode() int { return http.StatusUnauthorized }

// A ProviderError is that of a provider that does not do what it should: it is
// down, or slow, or answers with something else. The call ends with 502, or with
// 504 where the time was over.
type ProviderError struct {
	// Flow is the name of the flow.
	Flow string
	// Operation is what was tried, such as "exchange the code".
	Operation string
	// Err is the cause. It has nothing of what the provider has written but the
	// code of an error.
	Err error
}

// Error returns the operation, the flow and the cause.
func (e *ProviderError) Error() string {
	return fmt.Sprintf("%s of a login by %s: %v", e.Operation, e.Flow, e.Err)
}

// Unwrap returns the cause.
func (e *ProviderError) Unwrap() error { return e.Err }

// StatusCode returns 504 if the time was over, else 502.
func (e *ProviderError) StatusCode() int {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// maxText is how much of a provider's text is kept.
const maxText = 256

// visible returns what RFC 6749 allows in the text of an error, and not more.
func visible(text string) string {
	kept := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, text)
	return kept[:min(len(kept), maxText)]
}

// failure makes what x/oauth2 says about a token request an error without the
// body of the response, which may have anything in it.
func failure(flow, operation string, err error) error {
	var answered *oauth2.RetrieveError
	switch {
	case errors.As(err, &answered) && answered.ErrorCode == "invalid_grant":
		return &RefusedError{flow, answered.ErrorCode, visible(answered.ErrorDescription)}
	case errors.As(err, &answered) && answered.ErrorCode != "":
		err = fmt.Errorf("the provider answers %s", visible(answered.ErrorCode))
	case errors.As(err, &answered):
		err = fmt.Errorf("the provider answers with status %d", answered.Response.StatusCode)
	case isTransport(err):
		err = withoutAddress(err)
	default:
		err = errors.New("the provider's answer is no token")
	}
	return &ProviderError{flow, operation, err}
}
