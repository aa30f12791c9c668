package basic

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// A Credential is a name and a password.
type Credential = authentication.PasswordCredential

// Config configures a scheme. It is read by [New]; later changes have no effect.
// The functions are called for concurrent calls at once.
//
// Ktor: BasicAuthenticationProvider.Config.
type Config[P any] struct {
	// Realm names what is protected: browsers show it, and send the password to
	// all that has the same. "Chitor Server" by default. It may be empty;
	// control characters are a mistake.
	//
	// Ktor: realm.
	Realm string
	// Charset is what clients are told to write names and passwords in: "UTF-8",
	// the default, or "", which leaves the choice to them and takes the bytes as
	// they come. There is no other (RFC 7617 section 2.1).
	//
	// Ktor: charset.
	Charset string
	// Validate returns who has that name and that password. An error decides as
	// one of [authentication.Provider.Authenticate] does: one that wraps
	// ErrInvalidCredentials refuses with 401, and any other is a failure. It has
	// no default, and must be set.
	//
	// Ktor: validate, where null refuses.
	Validate func(c *app.Call, credential Credential) (P, error)
	// OnUnauthorized answers a call that is refused with 401, in place of the
	// plain answer: see [authentication.Provider.OnUnauthorized]. Nil, the
	// default, does not.
	//
	// Ktor: onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *authentication.UnauthorizedError) error
}

// New returns a scheme that says who is calling by the name and the password of the
// header Authorization. Mistakes, a nil configure too, are reported by Start at the
// line that requires the scheme.
//
// Ktor: basic.
func New[P any](name string, configure func(*Config[P])) *authentication.Scheme[P] {
	config := Config[P]{Realm: "Chitor Server", Charset: utf8Name}
	wrong := mistakes.List{mistakes.Configure(&config, []func(*Config[P]){configure})}
	if configure != nil {
		wrong.Add(config.check())
	}
	challenge := []string{config.challenge()}
	return authentication.New(name, authentication.Provider[P]{
		Authenticate:   config.authenticate,
		Challenge:      func(*app.Call, error) []string { return challenge },
		OnUnauthorized: config.OnUnauthorized,
		Mistake:        wrong.Err(),
	})
}

const utf8Name = "UTF-8"

func (c *Config[P]) check() error {
	var wrong mistakes.List
	if c.Validate == nil {
		wrong.Add(errors.New("the function Validate is nil: it says who has a name and a password"))
	}
	if strings.ContainsFunc(c.Realm, isControl) {
		wrong.Add(errors.New("the realm has a control character"))
	}
	if c.Charset != "" && c.Charset != utf8Name {
		wrong.Add(fmt.Errorf("charset %q: there is UTF-8, and none", c.Charset))
	}
	return wrong.Err()
}

// challenge returns the value of WWW-Authenticate.
func (c *Config[P]) challenge() string {
	challenge := authentication.Challenge{Scheme: "Basic", Params: authentication.Params{{Name: "realm", Value: c.Realm}}}
	if c.Charset != "" {
		challenge.Params = append(challenge.Params, authentication.Param{Name: "charset", Value: c.Charset})
	}
	return challenge.String()
}

func (c *Config[P]) authenticate(call *app.Call) (principal P, err error) {
	credential, err := c.read(call)
	if err != nil {
		return principal, err
	}
	return c.Validate(call, credential)
}

// longest is how many bytes a header may have.
const longest = 4 << 10

var errUnreadable = fmt.Errorf("%w: the credentials cannot be read", authentication.ErrInvalidCredentials)

// read returns what the header says.
func (c *Config[P]) read(call *app.Call) (Credential, error) {
	value := call.Request.Header.Get("Authorization")
	if value == "" {
		return Credential{}, authentication.ErrNoCredentials
	}
	if scheme, _, _ := strings.Cut(value, " "); !httpheader.EqualFold(scheme, "Basic") {
		if httpheader.IsToken(scheme) {
			return Credential{}, authentication.ErrNoCredentials
		}
		_, err := authentication.ParseAuthorization(value)
		return Credential{}, cmp.Or(err, authentication.ErrNoCredentials)
	}
	if len(value) > longest {
		return Credential{}, errUnreadable
	}
	name, password, ok := call.Request.BasicAuth()
	if !ok || !c.isText(name) || !c.isText(password) {
		return Credential{}, errUnreadable
	}
	return Credential{Name: name, Password: password}, nil
}

// isText reports whether a name or a password is text in the charset.
func (c *Config[P]) isText(text string) bool {
	return !strings.ContainsFunc(text, isControl) && (c.Charset == "" || utf8.ValidString(text))
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
