package authentication

import (
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Plugin lets in calls that a scheme accepts. It is a layer: it can be installed
// on the application, on routes and on groups, any number of times, and a call
// has to pass all that lie around its handler, outer ones first. Without schemes
// it is a mistake. [Require] and [Optional] are short for it.
//
// Ktor: Authentication.
var Plugin = app.NewLayer("Authentication", func() Config { return Config{} }, setup)

// Require returns [Plugin] with schemes, one of which has to accept a call: they
// are asked in order. Without any, Start reports a mistake.
//
// A call that none accepts ends with an [UnauthorizedError], 401 with the
// challenges of all, unless a scheme answers otherwise; with a
// [ForbiddenError], 403, if one knows the caller and does not let it in; and
// with the error of a scheme that failed. What is to be an event stream, by its
// route or by text/event-stream in Accept, always gets the plain 401: an
// EventSource that is sent to a login page reads HTML and gives up. On the
// application no route is found yet, and Accept alone says so.
//
// Ktor: authenticate, authenticateWith, authenticateWithAnyOf.
func Require(schemes ...Authenticator) app.Installable {
	return Plugin.With(func(c *Config) { c.Schemes = schemes })
}

// Optional is [Require] for calls that have credentials; those that have none
// are let in, and [Scheme.Get] reports false.
//
// Ktor: authenticate with optional, authenticateWithOptional.
func Optional(schemes ...Authenticator) app.Installable {
	return Plugin.With(func(c *Config) { c.Schemes, c.Optional = schemes, true })
}

func setup(b *app.PluginBuilder[Config]) error {
	config := *b.Config()
	if err := config.check(); err != nil {
		return err
	}
	config.Schemes = slices.Clone(config.Schemes)
	b.OnModulesLoaded(func() error { return checkAll(config.Schemes, b.Scope()) })
	b.InterceptUntilCommit(app.PhasePlugins, (&guard{config}).stand)
	return nil
}

// A guard is one installation.
type guard struct{ config Config }

// stand lets calls go on to next that may pass, and those that others have
// answered. Of one that is refused nothing further in hears, even if the refusal is
// an answer and no error.
func (g *guard) stand(next app.Handler) app.Handler {
	return func(c *app.Call) error {
		if c.Answered() || g.config.SkipWhen != nil && g.config.SkipWhen(c) {
			return next(c)
		}
		if passed, err := g.pass(c); err != nil || !passed {
			return err
		}
		return next(c)
	}
}

// pass reports whether a call may pass. If not it is answered, or the error is what
// refuses it.
func (g *guard) pass(c *app.Call) (bool, error) {
	accepted, missed := ask(c, g.config.Schemes)
	switch {
	case accepted >= 0:
		return true, nil
	case missed.failure != nil:
		return false, missed.failure
	case missed.forbidden():
		return false, g.forbid(c, &ForbiddenError{missed.refusals})
	case g.config.Optional && allWithout(missed.refusals):
		return true, nil
	default:
		return false, g.refuse(c, &missed)
	}
}

func (g *guard) forbid(c *app.Call, refused *ForbiddenError) error {
	if g.config.OnForbidden != nil {
		if err := g.config.OnForbidden(c, refused); err != nil || c.Answered() {
			return err
		}
	}
	return refused
}

func (g *guard) refuse(c *app.Call, missed *attempt) error {
	refused := &UnauthorizedError{missed.refusals, missed.challenges(c)}
	answer := g.config.OnUnauthorized
	if answer == nil {
		answer = missed.onUnauthorized()
	}
	if answer != nil && !isStream(c) {
		if err := answer(c, refused); err != nil || c.Answered() {
			return err
		}
	}
	for _, challenge := range refused.Challenges {
		c.Header().Add("WWW-Authenticate", challenge)
	}
	return refused
}

// isStream reports whether the answer is to be an event stream.
func isStream(c *app.Call) bool {
	if c.Endpoint().Streams() {
		return true
	}
	for element := range httpheader.Elements(c.Request.Header["Accept"]) {
		if name, _ := httpheader.CutParameters(element); httpheader.EqualFold(name, "text/event-stream") {
			return true
		}
	}
	return false
}

// OnChecked runs hook for calls that have passed every [Require] and [Optional]
// around their handler, before the handler runs and unless they are answered. It
// is for plugins, and takes the builder of one, which is installed on a route or in
// a group: on the application it runs before a route is found, behind the layers of
// the application alone. A nil hook is a mistake.
//
// Ktor: AuthenticationChecked.
func OnChecked[C any](b *app.PluginBuilder[C], hook app.Handler) {
	if hook == nil {
		b.OnPhase(app.PhaseCall, nil)
		return
	}
	b.OnPhase(app.PhaseCall, func(c *app.Call) error {
		if c.Answered() {
			return nil
		}
		return hook(c)
	})
}
