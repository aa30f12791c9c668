package ldap

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config configures a [Directory]. [New] reads it once.
type Config struct {
	// URL is where the directory is: ldap:// or ldaps://, a host, and a port unless
	// it is 389 or 636. It has no default.
	//
	// Ktor: ldapServerURL.
	URL string
	// Security says how a connection to ldap:// is protected: [StartTLS] by
	// default.
	Security Security
	// TLS is for connections with TLS. Nil, the default, trusts whom the system
	// trusts. The name of the server is that of the URL unless TLS has one.
	TLS *tls.Config

	// UserDN is the distinguished name of a user, with %s in place of what users
	// write: "uid=%s,ou=people,dc=example,dc=org". Either it or SearchBase is set.
	//
	// Ktor: userDNFormat.
	UserDN string

	// SearchBase is below what users are searched, at any depth.
	SearchBase string
	// SearchFilter finds a user, with %s in place of what he has written:
	// "(uid=%s)" by default. Whatever it finds more than one of is a failure: have
	// it ask for what the directory keeps unique.
	SearchFilter string
	// BindDN and BindPassword are those of the user that searches. Both are empty
	// by default: then nobody has logged in who searches.
	BindDN, BindPassword string

	// Attributes are what is read of the entry of a user who has logged in, such as
	// cn, mail or memberOf. With UserDN he reads it himself, and SearchBase has it
	// read with the search. None by default.
	Attributes []string

	// Timeout is how long a question may take in all: 5 s by default. 0 sets no
	// limit but the context.
	Timeout time.Duration
	// MaxConnections is how many connections there are at a time: 16 by default.
	// Questions beyond wait within their time. 0 sets no limit.
	MaxConnections int
}

// Security says how connections to ldap:// are protected. The zero value is
// [StartTLS].
type Security uint8

const (
	// StartTLS makes a connection one with TLS before anything is sent (RFC 4511
	// section 4.14).
	StartTLS Security = iota
	// Plaintext sends passwords so that everybody on the way can read them. It is
	// for a directory on the same machine.
	Plaintext
)

const placeholder = "%s"

func defaultConfig() Config {
	return Config{SearchFilter: "(uid=%s)", Timeout: 5 * time.Second, MaxConnections: 16}
}

// check returns all mistakes of a configuration.
func (c *Config) check() error {
	var wrong mistakes.List
	if _, err := c.address(); err != nil {
		wrong.Add(err)
	}
	if c.Security > Plaintext {
		wrong.Add(fmt.Errorf("security %d is neither StartTLS nor Plaintext", c.Security))
	}
	switch {
	case c.UserDN == "" && c.SearchBase == "":
		wrong.Add(errors.New("neither UserDN nor SearchBase is set: one of them says how a user is found"))
	case c.UserDN != "" && c.SearchBase != "":
		wrong.Add(errors.New("UserDN and SearchBase are both set: a user is found in one way"))
	case c.UserDN != "":
		wrong.Add(c.checkUserDN())
	default:
		wrong.Add(c.checkSearch())
	}
	if c.Timeout < 0 {
		wrong.Add(fmt.Errorf("the time-out is %v: it must not be negative, and 0 is no limit", c.Timeout))
	}
	if c.MaxConnections < 0 {
		wrong.Add(fmt.Errorf("MaxConnections is %d: it must not be negative, and 0 is no limit", c.MaxConnections))
	}
	return wrong.Err()
}

func (c *Config) checkUserDN() error {
	if !strings.Contains(c.UserDN, placeholder) {
		return fmt.Errorf("UserDN %q has no %%s, in place of which the name of a user stands", c.UserDN)
	}
	if _, err := goldap.ParseDN(c.userDN("x")); err != nil {
		return fmt.Errorf("UserDN %q is no distinguished name", c.UserDN)
	}
	return nil
}

func (c *Config) checkSearch() error {
	var wrong mistakes.List
	if !strings.Contains(c.SearchFilter, placeholder) {
		wrong.Add(fmt.Errorf("SearchFilter %q has no %%s, in place of which the name of a user stands", c.SearchFilter))
	}
	if _, err := goldap.CompileFilter(c.filter("x")); err != nil {
		wrong.Add(fmt.Errorf("SearchFilter %q is no filter, such as (uid=%%s)", c.SearchFilter))
	}
	if (c.BindDN == "") != (c.BindPassword == "") {
		wrong.Add(errors.New("BindDN and BindPassword go together: one of them is empty"))
	}
	return wrong.Err()
}

// address returns the host and the port of the URL, and whether it has TLS.
func (c *Config) address() (*address, error) {
	parsed, err := url.Parse(c.URL)
	if err != nil || parsed.Hostname() == "" || parsed.Scheme != "ldap" && parsed.Scheme != "ldaps" {
		return nil, fmt.Errorf("the URL is %q: it must be that of the directory, such as ldaps://ldap.example.org", c.URL)
	}
	a := &address{host: parsed.Hostname(), tls: parsed.Scheme == "ldaps"}
	port := parsed.Port()
	switch {
	case port != "":
	case a.tls:
		port = goldap.DefaultLdapsPort
	default:
		port = goldap.DefaultLdapPort
	}
	a.hostPort = net.JoinHostPort(a.host, port)
	return a, nil
}

type address struct {
	host, hostPort string
	tls            bool
}

// userDN returns the distinguished name of a user.
func (c *Config) userDN(name string) string {
	return strings.ReplaceAll(c.UserDN, placeholder, EscapeDN(name))
}

// filter returns what finds a user.
func (c *Config) filter(name string) string {
	return strings.ReplaceAll(c.SearchFilter, placeholder, goldap.EscapeFilter(name))
}

// tlsConfig returns the configuration of connections with TLS to a host.
func (c *Config) tlsConfig(host string) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLS != nil {
		config = c.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	return config
}
