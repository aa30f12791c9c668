package authentication

import (
	"errors"
	"fmt"
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
			if missed.failure != nil {
				c.Application().Logger().ErrorContext(c.Context(), "a scheme failed, and another one has accepted the call",
					"accepted", scheme.Name(), "error", missed.failure)
			}
			return i, attempt{}
		case isRefusal(err):
			missed.refusals = append(missed.refusals, Refusal{scheme.Name(), err})
			missed.askers = append(missed.askers, scheme)
		default:
			missed.failure = errors.Join(missed.failure, fmt.Errorf("authenticate by %s: %w", scheme.Name(), err))
		}
	}
	return -1, missed
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
