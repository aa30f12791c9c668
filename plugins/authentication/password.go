package authentication

import "log/slog"

// A PasswordCredential is what somebody says to be known by: a name and a
// password. Packages basic and form call it Credential. It is as it came, and
// nothing of it is checked. Printed, logged and encoded as JSON it is the name
// alone.
//
// Ktor: UserPasswordCredential.
type PasswordCredential struct {
	// Name is the name of the user.
	Name string
	// Password is the password, which belongs into no log.
	Password string `json:"-"`
}

// String returns the name alone.
func (c PasswordCredential) String() string { return c.Name }

// GoString returns the name alone.
func (c PasswordCredential) GoString() string { return c.Name }

// LogValue returns the name alone.
func (c PasswordCredential) LogValue() slog.Value { return slog.StringValue(c.Name) }
