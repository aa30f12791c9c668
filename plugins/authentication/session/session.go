package session

import (
	"errors"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/internal/loginpage"
	"github.com/chitor-go/chitor/plugins/sessions"
)

// Config configures the scheme of a session of type S, whose principal is a P.
// [New] reads it once. The functions are called for concurrent calls at once.
//
// Ktor: SessionAuthenticationProvider.Config, TypedSessionAuthConfig.
type Config[S, P any] struct {
	// Validate returns who has the session. An error that wraps
	// authentication.ErrInvalidCredentials says that the session is not good any
	// more, and one that wraps authentication.ErrForbidden that its user is known and
	// not let in; any other error is a failure, 500. It may change the session, as
	// in counting visits, and end one that is not good any more by the Clear of its
	// handle: else the client goes on sending it, and an optional route refuses it
	// where one without a session is let in. It must be set.
	//
	// Ktor: validate, transformSession.
	Validate func(c *app.Call, session S) (P, error)
	// LoginPath is the page that a call which is refused is redirected to, with its
	// own path in the parameter return_to, which packages form and oauth read. It is a
	// path of the application. An event stream gets 401, and so do the page itself and
	// what a browser does not show as a page, as the header Sec-Fetch-Mode tells. "",
	// the default, is 401 for all.
	//
	// Ktor: challenge(redirectUrl).
	LoginPath string
	// OnUnauthorized answers a call that is refused, in place of LoginPath. See
	// [authentication.Provider]. Nil, the default, has no answer of its own.
	//
	// Ktor: challenge, onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *authentication.UnauthorizedError) error
}

// New returns a scheme that a session of handle is accepted by. Name stands in
// errors and logs. What is wrong is reported by Start, at the line that requires
// the scheme.
//
// Ktor: session.
func New[S, P any](name string, handle *sessions.Handle[S], configure func(*Config[S, P])) *authentication.Scheme[P] {
	var config Config[S, P]
	var wrong mistakes.List
	wrong.Add(mistakes.Configure(&config, []func(*Config[S, P]){configure}))
	if handle == nil {
		wrong.Add(errors.New("the handle is nil: it is what sessions.New returns"))
	}
	if config.Validate == nil {
		wrong.Add(errors.New("the function Validate is nil: it says who has a session"))
	}
	if config.LoginPath != "" && config.OnUnauthorized != nil {
		wrong.Add(errors.New("LoginPath and OnUnauthorized are both set: one of them answers"))
	}
	provider := authentication.Provider[P]{OnUnauthorized: config.OnUnauthorized}
	if config.LoginPath != "" {
		wrong.Add(loginpage.Check(config.LoginPath))
		provider.OnUnauthorized = loginpage.Redirect(config.LoginPath)
	}
	provider.Mistake = wrong.Err()
	provider.Check = handle.Check
	provider.Authenticate = func(c *app.Call) (P, error) { return authenticate(c, handle, config.Validate) }
	return authentication.New(name, provider)
}

func authenticate[S, P any](c *app.Call, handle *sessions.Handle[S], validate func(*app.Call, S) (P, error)) (P, error) {
	var nobody P
	value, ok, err := handle.Get(c)
	if err != nil {
		return nobody, err
	}
	if !ok {
		return nobody, authentication.ErrNoCredentials
	}
	principal, err := validate(c, value)
	if err != nil {
		return nobody, err
	}
	end, ok, err := handle.Expires(c)
	if err != nil {
		return nobody, err
	}
	if !ok { // Validate has cleared it
		return nobody, authentication.ErrInvalidCredentials
	}
	authentication.HoldsUntil(c, end)
	return principal, nil
}
