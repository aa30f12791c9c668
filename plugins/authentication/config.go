package authentication

import (
	"errors"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config configures [Plugin]. It is read when the plugin is installed; later
// changes have no effect. The functions are called for concurrent calls at once.
//
// Ktor: what authenticate and AuthenticationProvider.Config take.
type Config struct {
	// Schemes are asked in order, until one accepts the call. None is a mistake.
	Schemes []Authenticator
	// Optional lets calls in that have no credentials of any scheme. Wrong ones
	// are refused all the same. Off by default.
	//
	// Ktor: optional.
	Optional bool
	// SkipWhen lets calls in without asking for anything, if it returns true.
	// Nil, the default, asks each.
	//
	// Ktor: skipWhen.
	SkipWhen func(c *app.Call) bool
	// OnUnauthorized answers calls that are refused with 401, in place of what
	// the schemes do. If it has not answered when it returns nil, the plain 401
	// does. It is not asked for what is to be an event stream: see [Require].
	// Nil, the default, leaves it to the schemes.
	//
	// Ktor: onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *UnauthorizedError) error
	// OnForbidden answers calls that are refused with 403. If it has not answered
	// when it returns nil, the plain 403 does. Nil is the default.
	//
	// Ktor: onForbidden.
	OnForbidden func(c *app.Call, refused *ForbiddenError) error
}

// check returns all mistakes of a configuration.
func (c *Config) check() error {
	var wrong mistakes.List
	if len(c.Schemes) == 0 {
		wrong.Add(errors.New("there is no scheme to authenticate by: call authentication.Require(users)"))
	}
	wrong.Add(schemesMistake(c.Schemes))
	return wrong.Err()
}

// checkAll returns what schemes miss in a scope.
func checkAll(schemes []Authenticator, scope app.Scope) error {
	var wrong mistakes.List
	for _, scheme := range schemes {
		wrong.Add(scheme.check(scope))
	}
	return wrong.Err()
}

// schemesMistake returns what is wrong with schemes, each said once.
func schemesMistake(schemes []Authenticator) error {
	var wrong mistakes.List
	for i, scheme := range schemes {
		switch {
		case scheme == nil:
			wrong.Add(errors.New("a scheme is nil"))
		case slices.Contains(schemes[:i], scheme):
		default:
			wrong.Add(scheme.mistake())
		}
	}
	return wrong.Err()
}
