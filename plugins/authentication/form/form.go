package form

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/internal/loginpage"
)

// A Credential is a name and a password.
type Credential = authentication.PasswordCredential

// Config configures a scheme. It is read by [New]; later changes have no effect.
// The functions are called for concurrent calls at once.
//
// Ktor: FormAuthenticationProvider.Config.
type Config[P any] struct {
	// UserParamName is the field of the form that has the name: "user" by default.
	//
	// Ktor: userParamName.
	UserParamName string
	// PasswordParamName is the field that has the password: "password" by default.
	//
	// Ktor: passwordParamName.
	PasswordParamName string
	// Validate returns who has that name and that password. An error decides as
	// one of [authentication.Provider.Authenticate] does: one that wraps
	// ErrInvalidCredentials refuses with 401, or as LoginPath says, and any other is
	// a failure. It has no default, and must be set.
	//
	// Ktor: validate, where null refuses.
	Validate func(c *app.Call, credential Credential) (P, error)
	// LoginPath is the page that browsers are sent to that are refused: a path of
	// the application, perhaps with a query. Empty, the default, answers with 401.
	//
	// Ktor: challenge with a URL.
	LoginPath string
	// OnUnauthorized answers a call that is refused, in place of LoginPath and of
	// the plain 401: see [authentication.Provider.OnUnauthorized]. Nil, the default,
	// does not.
	//
	// Ktor: challenge with a function, onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *authentication.UnauthorizedError) error
}

// New returns a scheme that says who is calling by a form. Mistakes, a nil configure
// too, are reported by Start at the line that requires the scheme.
//
// Ktor: form.
func New[P any](name string, configure func(*Config[P])) *authentication.Scheme[P] {
	config := Config[P]{UserParamName: "user", PasswordParamName: "password"}
	wrong := mistakes.List{mistakes.Configure(&config, []func(*Config[P]){configure})}
	if configure != nil {
		wrong.Add(config.check())
	}
	if config.OnUnauthorized == nil && config.LoginPath != "" {
		config.OnUnauthorized = loginpage.Redirect(config.LoginPath)
	}
	return authentication.New(name, authentication.Provider[P]{
		Authenticate: config.authenticate, OnUnauthorized: config.OnUnauthorized, Mistake: wrong.Err(),
	})
}

func (c *Config[P]) check() error {
	var wrong mistakes.List
	if c.Validate == nil {
		wrong.Add(errors.New("the function Validate is nil: it says who has a name and a password"))
	}
	if c.UserParamName == "" || c.PasswordParamName == "" || c.UserParamName == c.PasswordParamName {
		wrong.Add(fmt.Errorf("UserParamName is %q and PasswordParamName %q: they name two fields of the form", c.UserParamName, c.PasswordParamName))
	}
	if c.LoginPath != "" {
		wrong.Add(loginpage.Check(c.LoginPath))
	}
	if c.LoginPath != "" && c.OnUnauthorized != nil {
		wrong.Add(errors.New("LoginPath and OnUnauthorized are both set: one of them answers"))
	}
	return wrong.Err()
}

func (c *Config[P]) authenticate(call *app.Call) (principal P, err error) {
	credential, err := c.read(call)
	if err != nil {
		return principal, err
	}
	return c.Validate(call, credential)
}

// read returns what the form says, and leaves it to the handler.
func (c *Config[P]) read(call *app.Call) (given Credential, err error) {
	if !isForm(call) {
		return given, authentication.ErrNoCredentials
	}
	err = call.Preview(func() error {
		fields, err := call.ReceiveForm()
		if shown, ok := errors.AsType[*app.Error](err); ok && shown.StatusCode() == http.StatusBadRequest {
			return errUnreadable() // what is wrong may be a part of the password
		}
		if err != nil {
			return err
		}
		if !fields.Has(c.UserParamName) || !fields.Has(c.PasswordParamName) {
			return authentication.ErrNoCredentials
		}
		given.Name, given.Password = fields.Get(c.UserParamName), fields.Get(c.PasswordParamName)
		return nil
	})
	return given, err
}

func errUnreadable() error { return app.NewError(http.StatusBadRequest, "the form cannot be read") }

// isForm reports whether the body of a call is a form.
func isForm(call *app.Call) bool {
	kind, subtype := httpheader.SplitContentType(call.Request.Header.Get("Content-Type"))
	switch {
	case httpheader.EqualFold(kind, "application"):
		return httpheader.EqualFold(subtype, "x-www-form-urlencoded")
	case httpheader.EqualFold(kind, "multipart"):
		return httpheader.EqualFold(subtype, "form-data")
	default:
		return false
	}
}
