package authentication

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication/internal/impersonation"
)

// A Scheme is one way to find out who is calling, as a P: the principal. Schemes
// are made by the packages below this one, such as basic and jwt, or by [New],
// and given to [Require]. A scheme belongs to no application, never changes, and
// may be used by any number of calls at once.
//
// Ktor: AuthenticationProvider, whose principal has no type, and the
// AuthenticationScheme that follows it.
type Scheme[P any] struct {
	name     string
	provider Provider[P]
	key      *app.Key[identity[P]] // in calls
	checked  bool                  // a P may be nobody: see isNobody
}

// An identity is who is calling by one scheme, and until when that holds.
type identity[P any] struct {
	principal P
	limit     limit
}

// A Provider is what a [Scheme] does. Its functions are called for concurrent
// calls at once.
//
// Ktor: AuthenticationProvider.
type Provider[P any] struct {
	// Authenticate returns who is calling. A nil P, or an empty string, without an
	// error is nobody, and a failure: it lets no call in. An error that wraps
	// [ErrNoCredentials] says that the call has no credentials of this kind, one
	// that wraps [ErrInvalidCredentials] that they are wrong, and one that wraps
	// [ErrForbidden] that the caller is known and still not let in. Any other
	// error is a failure, such as that of a database: it ends the call as that of
	// a handler does, with 500 unless it has a status. It must not hold anything
	// of the credentials. Nil is a mistake.
	//
	// Ktor: onAuthenticate.
	Authenticate func(c *app.Call) (P, error)
	// Challenge returns what tells the client how to come back: the values of
	// WWW-Authenticate, one for each line (RFC 9110 section 11.6.1). Cause is
	// the error of Authenticate. Nil, and no values, are for a scheme that
	// clients cannot be asked for, such as a cookie.
	//
	// Ktor: challenge.
	Challenge func(c *app.Call, cause error) []string
	// OnUnauthorized answers a call that is refused with 401, as a form does by a
	// redirect to its page. If it has not answered when it returns nil, the plain
	// 401 does, with the challenges. It is not asked for what is to be an event
	// stream: see [Require]. Nil, the default, is the plain 401.
	//
	// Ktor: onUnauthorized, and a challenge that responds.
	OnUnauthorized func(c *app.Call, refused *UnauthorizedError) error
	// Mistake is what is wrong with the configuration. Start reports it with the
	// line that requires the scheme. Nil if nothing is.
	Mistake error
	// Check looks, when all modules have run, at the scope that requires the
	// scheme, such as whether a plugin is installed there that the scheme needs.
	// Start reports its error as it does Mistake. Nil, the default, looks at
	// nothing.
	//
	// Ktor: preinstallAt.
	Check func(scope app.Scope) error
}

// New returns a scheme that does what provider says. Name stands in errors and
// logs. An empty name is a mistake, which Start reports with the line that
// requires the scheme.
//
// Ktor: provider.
func New[P any](name string, provider Provider[P]) *Scheme[P] {
	var wrong mistakes.List
	if name == "" {
		wrong.Add(errors.New("a scheme has no name"))
	}
	if provider.Authenticate == nil {
		wrong.Add(errors.New("the function Authenticate is nil"))
	}
	wrong.Add(provider.Mistake)
	provider.Mistake = wrong.Err()
	return &Scheme[P]{name, provider, app.NewKey[identity[P]]("principal of " + name), canBeNobody(reflect.TypeFor[P]().Kind())}
}

// Name returns the name that the scheme was made with.
func (s *Scheme[P]) Name() string { return s.name }

// Get returns who is calling, and false if the scheme has not authenticated the
// call: where it is optional, where another one was accepted, and outside of the
// routes that ask for it. What a [Map] of it has refused is still known, so that an
// answer with 403 can say to whom. It may be called from any goroutine.
//
// Ktor: principal.
func (s *Scheme[P]) Get(c *app.Call) (P, bool) {
	known, ok := s.key.Get(c)
	return known.principal, ok
}

// Principal returns who is calling. It is for handlers behind a [Require] of
// this scheme alone; elsewhere it panics if nobody is known, so that the call
// ends with 500 and not with the zero value of P: there use [Scheme.Get].
//
// Ktor: principal, in a route with authenticateWith.
func (s *Scheme[P]) Principal(c *app.Call) P {
	principal, ok := s.Get(c)
	if !ok {
		//nolint:forbidigo // nobody may go on as the zero value
		panic(fmt.Sprintf("no principal of %s: the route %s does not require it", s.name, c.Route()))
	}
	return principal
}

// An Authenticator is a [*Scheme] of any principal.
type Authenticator interface {
	// Name returns the name of the scheme.
	Name() string

	// authenticate makes the principal known to the call, or returns why not.
	authenticate(c *app.Call) error
	challenge(c *app.Call, cause error) []string
	onUnauthorized() func(c *app.Call, refused *UnauthorizedError) error
	mistake() error
	check(scope app.Scope) error
}

// authenticate asks once for each call that it accepts: what a layer around has
// found, or a scheme that is part of another one, still holds, as long as it did.
func (s *Scheme[P]) authenticate(c *app.Call) error {
	if known, ok := s.key.Get(c); ok {
		known.limit.hold(c)
		return nil
	}
	around := takeLimit(c)
	principal, err := s.ask(c)
	if err == nil {
		s.key.Set(c, identity[P]{principal, limitOf(c)})
	} else {
		takeLimit(c) // what it has said counts for nothing
	}
	around.hold(c)
	return err
}

var errNobody = errors.New("a principal that is nil or empty came without an error: " +
	"return one that wraps authentication.ErrInvalidCredentials to refuse a call")

func (s *Scheme[P]) ask(c *app.Call) (principal P, err error) {
	if given, known := impersonation.Of(c, s); known {
		principal, _ = given.(P)
	} else if principal, err = s.provider.Authenticate(c); err != nil {
		return principal, err
	}
	if s.checked && isNobody(principal) {
		return principal, errNobody
	}
	return principal, nil
}

// canBeNobody reports whether a kind has values that stand for nobody: what a
// lookup returns that has found nothing, and for a struct or a number may as well
// be somebody.
func canBeNobody(kind reflect.Kind) bool {
	switch kind {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice, reflect.String:
		return true
	default:
		return false
	}
}

func isNobody(principal any) bool {
	value := reflect.ValueOf(principal)
	switch value.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return value.IsNil()
	case reflect.String:
		return value.Len() == 0
	default:
		return false
	}
}

func (s *Scheme[P]) challenge(c *app.Call, cause error) []string {
	if s.provider.Challenge == nil {
		return nil
	}
	return s.provider.Challenge(c, cause)
}

func (s *Scheme[P]) onUnauthorized() func(*app.Call, *UnauthorizedError) error {
	return s.provider.OnUnauthorized
}

func (s *Scheme[P]) mistake() error {
	switch {
	case s == nil:
		return errors.New("a scheme is nil")
	case s.key == nil:
		return errors.New("a scheme is empty: New of its package makes one")
	default:
		return s.named(s.provider.Mistake)
	}
}

func (s *Scheme[P]) check(scope app.Scope) error {
	if s.provider.Check == nil {
		return nil
	}
	return s.named(s.provider.Check(scope))
}

// named returns mistakes of which each says whose it is.
func (s *Scheme[P]) named(err error) error {
	return mistakes.Each(err, func(one error) error { return fmt.Errorf("scheme %q: %w", s.name, one) })
}

// untilKey holds until when the authentication of a call holds.
var untilKey = app.NewKey[time.Time]("authentication.until")

// HoldsUntil says until when the authentication of the call holds. A Provider
// calls it in Authenticate, for a token that expires for instance; it counts if
// the call is accepted. Of several times the earliest counts.
func HoldsUntil(c *app.Call, end time.Time) {
	if known, limited := untilKey.Get(c); !limited || end.Before(known) {
		untilKey.Set(c, end)
	}
}

// Until returns until when the authentication of the call holds, and false if
// it has no end. A call that has begun is not ended then; a stream is, whose
// plugin asks: it may be the Until of sse.Config. It may be called from any goroutine.
func Until(c *app.Call) (time.Time, bool) { return untilKey.Get(c) }

// A limit is until when something holds, if it has an end.
type limit struct {
	end time.Time
	set bool
}

func limitOf(c *app.Call) limit {
	end, set := untilKey.Get(c)
	return limit{end, set}
}

// takeLimit returns the limit of the call, and leaves it without one.
func takeLimit(c *app.Call) limit {
	known := limitOf(c)
	if known.set {
		untilKey.Delete(c)
	}
	return known
}

// hold makes the limit one of the call's.
func (l limit) hold(c *app.Call) {
	if l.set {
		HoldsUntil(c, l.end)
	}
}
