package ldap

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// A Directory answers who has which password. [New] makes it. It may be used by
// concurrent calls, and there is nothing to close.
type Directory struct {
	config  Config
	address *address
	slots   chan struct{} // nil sets no limit
}

// New returns a directory. It connects to nothing: a directory that is down keeps
// no application from starting. What is wrong with the configuration is returned,
// all of it at once.
func New(configure func(*Config)) (*Directory, error) {
	config := defaultConfig()
	wrong := mistakes.Configure(&config, []func(*Config){configure})
	if err := errors.Join(wrong, config.check()); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	d := &Directory{config: config}
	d.address, _ = config.address() // check has found it right
	if config.MaxConnections > 0 {
		d.slots = make(chan struct{}, config.MaxConnections)
	}
	return d, nil
}

const (
	maxName     = 256  // bytes of a name that is asked for
	maxPassword = 1024 // bytes of a password
)

// Authenticate returns the entry of the user with a name and a password. An error
// that wraps authentication.ErrInvalidCredentials says that there is none: the
// name is unknown, or the password is wrong or empty. Any other error says that
// the directory could not be asked; it wraps that of the context if its time is
// over. No error has the password in it.
//
// Ktor: ldapAuthenticate.
func (d *Directory) Authenticate(ctx context.Context, name, password string) (*Entry, error) {
	if !isValue(name, maxName) || !isValue(password, maxPassword) {
		return nil, errRefused
	}
	if d.config.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.config.Timeout)
		defer cancel()
	}
	entry, err := d.ask(ctx, name, password)
	if err != nil && !errors.Is(err, errRefused) {
		if over := ctx.Err(); over != nil {
			err = over
		}
		return nil, fmt.Errorf("ask the directory %s: %w", d.address.hostPort, err)
	}
	return entry, err
}

// errRefused is the error of who is not known.
var errRefused = fmt.Errorf("directory: %w", authentication.ErrInvalidCredentials)

// isValue reports whether a directory can have a text.
func isValue(text string, limit int) bool {
	return text != "" && len(text) <= limit && utf8.ValidString(text)
}

// ask asks over a connection of its own.
func (d *Directory) ask(ctx context.Context, name, password string) (*Entry, error) {
	if d.slots != nil {
		select {
		case d.slots <- struct{}{}:
			defer func() { <-d.slots }()
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for one of %d connections: %w", d.config.MaxConnections, ctx.Err())
		}
	}
	conn, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // nothing is left in it
	if d.config.UserDN != "" {
		return d.bindAndRead(conn, d.config.userDN(name), password)
	}
	return d.searchAndBind(conn, name, password)
}

// bindAndRead logs in as a user, who then reads his own entry.
func (d *Directory) bindAndRead(conn *goldap.Conn, dn, password string) (*Entry, error) {
	if err := bindUser(conn, dn, password); err != nil {
		return nil, err
	}
	if len(d.config.Attributes) == 0 {
		return &Entry{DN: dn}, nil
	}
	found, err := d.search(conn, dn, goldap.ScopeBaseObject, "(objectClass=*)")
	if err != nil {
		return nil, fmt.Errorf("read the entry of a user: %w", err)
	}
	if len(found) != 1 {
		return nil, errors.New("read the entry of a user: the directory does not show it to him")
	}
	return &Entry{dn, found[0]}, nil
}

// searchAndBind finds a user, and logs in as him.
func (d *Directory) searchAndBind(conn *goldap.Conn, name, password string) (*Entry, error) {
	if d.config.BindDN != "" {
		if err := conn.Bind(d.config.BindDN, d.config.BindPassword); err != nil {
			return nil, fmt.Errorf("log in to search: %w", withoutText(err))
		}
	}
	found, err := d.search(conn, d.config.SearchBase, goldap.ScopeWholeSubtree, d.config.filter(name))
	switch {
	case err != nil:
		return nil, fmt.Errorf("search a user: %w", err)
	case len(found) > 1:
		return nil, fmt.Errorf("search a user: the filter %s finds more than one", d.config.SearchFilter)
	case len(found) == 0:
		// It costs what a wrong password costs. There is no such entry: what is unknown
		// must not be asked for under another's name.
		_ = conn.Bind("cn=nobody,"+d.config.SearchBase, password)
		return nil, errRefused
	}
	if err := bindUser(conn, found[0].DN, password); err != nil {
		return nil, err
	}
	return &Entry{found[0].DN, found[0]}, nil
}

// search returns at most two entries.
func (d *Directory) search(conn *goldap.Conn, base string, scope int, filter string) ([]*goldap.Entry, error) {
	attributes := d.config.Attributes
	if len(attributes) == 0 {
		attributes = []string{"1.1"} // none (RFC 4511 section 4.5.1.8)
	}
	result, err := conn.Search(goldap.NewSearchRequest(
		base, scope, goldap.NeverDerefAliases, 2, 0, false, filter, attributes, nil))
	if goldap.IsErrorWithCode(err, goldap.LDAPResultSizeLimitExceeded) {
		return result.Entries, nil
	}
	if err != nil {
		return nil, withoutText(err)
	}
	return result.Entries, nil
}

// bindUser logs in as a user. A directory may say that it has no such entry, or
// none with a password, in place of calling the credentials invalid.
func bindUser(conn *goldap.Conn, dn, password string) error {
	err := conn.Bind(dn, password)
	switch {
	case err == nil:
		return nil
	case goldap.IsErrorAnyOf(err, goldap.LDAPResultInvalidCredentials, goldap.LDAPResultNoSuchObject,
		goldap.LDAPResultInappropriateAuthentication):
		return errRefused
	default:
		return fmt.Errorf("log in as a user: %w", withoutText(err))
	}
}

// withoutText drops what a directory says besides a code: it may have anything in
// it.
func withoutText(err error) error {
	answered, ok := errors.AsType[*goldap.Error](err)
	if !ok || answered.ResultCode >= goldap.ErrorNetwork {
		return err
	}
	return fmt.Errorf("the directory answers %d, %s", answered.ResultCode, goldap.LDAPResultCodeMap[answered.ResultCode])
}
