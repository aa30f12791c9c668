package authentication

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// An attempt is what came of asking schemes that did not accept a call.
type attempt struct {
	refusals []Refusal
	askers   []Authenticator // the scheme of each refusal
	failure  error           // of schemes that could not tell, nil if there is none
}

// ask asks schemes in order until one accepts the call, and returns which. If
// none does, the attempt says why.
func ask(c *app.Call, schemes []Authenticator) (accepted int, missed attempt) {
	for i, scheme := range schemes {
		err := scheme.authenticate(c)
		switch {
		case err == nil:
			if missed.failure != nil && !isClients(missed.failure) {
				c.Application().Logger().ErrorContext(c.Context(), "a scheme failed, and another one has accepted the call",
					"accepted", scheme.Name(), "error", missed.failure)
			}
			return i, attempt{}
		case isRefusal(err):
			missed.refusals = append(missed.refusals, Refusal{scheme.Name(), err})
			missed.askers = append(missed.askers, scheme)
		default:
			missed.fail(fmt.Errorf("authenticate by %s: %w", scheme.Name(), err))
		}
	}
	return -1, missed
}

// fail notes a failure. One of the server hides those that a client has caused, so
// that a malformed header makes no 400 of an outage.
func (a *attempt) fail(err error) {
	switch before, now := isClients(a.failure), isClients(err); {
	case a.failure == nil, before && !now:
		a.failure = err
	case before == now:
		a.failure = errors.Join(a.failure, err)
	}
}

// isClients reports whether a failure is by what the client has sent.
func isClients(failure error) bool {
	coded, ok := errors.AsType[interface {
		error
		StatusCode() int
	}](failure)
	return ok && coded.StatusCode() < http.StatusInternalServerError || errors.As(failure, new(*http.MaxBytesError))
}

// forbidden reports whether the caller is known to a scheme that asks for more.
func (a *attempt) forbidden() bool {
	for _, refusal := range a.refusals {
		if errors.Is(refusal.Err, ErrForbidden) {
			return true
		}
	}
	return false
}

// challenges returns the challenges of all schemes, those that are the same once.
func (a *attempt) challenges(c *app.Call) []string {
	var all []string
	for i, scheme := range a.askers {
		for _, challenge := range scheme.challenge(c, a.refusals[i].Err) {
			if !slices.Contains(all, challenge) {
				all = append(all, challenge)
			}
		}
	}
	return all
}

// onUnauthorized returns the answer of the first scheme that has one, or nil.
func (a *attempt) onUnauthorized() func(*app.Call, *UnauthorizedError) error {
	return firstAnswer(a.askers)
}

func firstAnswer(schemes []Authenticator) func(*app.Call, *UnauthorizedError) error {
	for _, scheme := range schemes {
		if answer := scheme.onUnauthorized(); answer != nil {
			return answer
		}
	}
	return nil
}
