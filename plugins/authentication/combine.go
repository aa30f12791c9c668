package authentication

import (
	"errors"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// AnyOf returns a scheme that accepts what one of schemes does, which are asked
// in order, with one type of principal for all: [Map] brings others to it. Its
// challenges are those of all. Without schemes, it is a mistake.
//
// Ktor: authenticateWithAnyOf.
func AnyOf[P any](name string, schemes ...*Scheme[P]) *Scheme[P] {
	all := make([]Authenticator, len(schemes))
	for i, scheme := range schemes {
		all[i] = scheme
	}
	wrong := mistakes.List{schemesMistake(all)}
	if len(all) == 0 {
		wrong.Add(errors.New("there is no scheme to choose from"))
	}
	provider := Provider[P]{
		Authenticate: func(c *app.Call) (principal P, err error) {
			accepted, missed := ask(c, all)
			switch {
			case accepted >= 0:
				return schemes[accepted].Principal(c), nil
			case missed.failure != nil:
				return principal, missed.failure
			default:
				return principal, &missedError{missed}
			}
		},
		Challenge: func(c *app.Call, cause error) []string {
			missed, ok := errors.AsType[*missedError](cause)
			if !ok { // of a Map around
				missed = &missedError{attempt{askers: all, refusals: sameRefusals(all, cause)}}
			}
			return missed.challenges(c)
		},
		Mistake: wrong.Err(),
	}
	if provider.Mistake == nil {
		provider.OnUnauthorized = firstAnswer(all)
		provider.Check = func(scope app.Scope) error { return checkAll(all, scope) }
	}
	return New(name, provider)
}

// sameRefusals returns a refusal by each scheme, all with one cause.
func sameRefusals(schemes []Authenticator, cause error) []Refusal {
	all := make([]Refusal, len(schemes))
	for i, scheme := range schemes {
		all[i] = Refusal{scheme.Name(), cause}
	}
	return all
}

// A missedError is why no scheme of an [AnyOf] has accepted a call.
type missedError struct{ attempt }

func (e *missedError) Error() string { return describe(e.refusals) }

// Is makes of several verdicts the one that counts: that a caller is known, then
// that credentials are wrong.
func (e *missedError) Is(target error) bool {
	switch target {
	case ErrForbidden:
		return e.forbidden()
	case ErrNoCredentials:
		return allWithout(e.refusals)
	case ErrInvalidCredentials:
		return !e.forbidden() && !allWithout(e.refusals)
	default:
		return false
	}
}

// Map returns a scheme that accepts what scheme does, with another principal:
// the one that convert returns. An error of convert decides as one of
// [Provider.Authenticate] does, so that roles are checked by a convert that
// returns an error which wraps [ErrForbidden]. It has the name and the
// challenges of scheme. A nil convert is a mistake.
//
// Ktor: mapPrincipal, withRoles.
func Map[P, Q any](scheme *Scheme[P], convert func(c *app.Call, principal P) (Q, error)) *Scheme[Q] {
	return derive(scheme, convert == nil, "the function of Map is nil", func(c *app.Call) (converted Q, err error) {
		if err := scheme.authenticate(c); err != nil {
			return converted, err
		}
		return convert(c, scheme.Principal(c))
	})
}

// OrAnonymous returns a scheme that accepts what scheme does, and calls without
// credentials as the principal that fallback returns. An error of fallback
// decides as one of [Provider.Authenticate] does. Wrong credentials are refused.
// A nil fallback is a mistake.
//
// Ktor: orAnonymous.
func OrAnonymous[P any](scheme *Scheme[P], fallback func(c *app.Call) (P, error)) *Scheme[P] {
	return derive(scheme, fallback == nil, "the function of OrAnonymous is nil", func(c *app.Call) (principal P, err error) {
		switch err := scheme.authenticate(c); {
		case err == nil:
			return scheme.Principal(c), nil
		case isWithout(err):
			return fallback(c)
		default:
			return principal, err
		}
	})
}

// derive returns a scheme that is like another one but for its principals.
func derive[P, Q any](scheme *Scheme[P], lacking bool, mistake string, authenticate func(c *app.Call) (Q, error)) *Scheme[Q] {
	var wrong mistakes.List
	if lacking {
		wrong.Add(errors.New(mistake))
	}
	if scheme == nil || scheme.key == nil {
		wrong.Add(scheme.mistake())
		return New("unknown", Provider[Q]{Authenticate: authenticate, Mistake: wrong.Err()})
	}
	wrong.Add(scheme.provider.Mistake)
	return New(scheme.name, Provider[Q]{
		Authenticate: authenticate, Mistake: wrong.Err(),
		Challenge: scheme.provider.Challenge, OnUnauthorized: scheme.provider.OnUnauthorized, Check: scheme.provider.Check,
	})
}
