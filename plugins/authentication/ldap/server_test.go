package ldap_test

import (
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/slapdtest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/ldap"
)

const suffix = "dc=example,dc=org"

// people is who is in the directory: ann, two with one mail, one without a
// password, and one whose name needs escaping in every place.
const people = `dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=ann,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: Ann
mail: ann@example.org
mail: ann@example.com
userPassword: secret of ann

dn: uid=bob,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Bob
mail: team@example.org
userPassword: secret of bob

dn: uid=bea,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: bea
cn: Bea
sn: Bea
mail: team@example.org

dn: uid=eve\2C\ \28x\29\2A\\\C3\A9,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid:: ZXZlLCAoeCkqXMOp
cn: Eve
sn: Eve
userPassword:: c2VjcmV0IG9mIGV2ZSDDqQ==
`

const eve = `eve, (x)*\é`

func start(t *testing.T) *slapdtest.Server {
	t.Helper()
	return slapdtest.Start(t, suffix, people)
}

// byName is a directory whose users are bound to by their names.
func byName(t *testing.T, server *slapdtest.Server, configure ...func(*ldap.Config)) *ldap.Directory {
	t.Helper()
	return newDirectory(t, append([]func(*ldap.Config){func(c *ldap.Config) {
		c.URL, c.Security = server.URL(), ldap.Plaintext
		c.UserDN = "uid=%s,ou=people," + suffix
	}}, configure...)...)
}

// bySearch is a directory whose users are searched.
func bySearch(t *testing.T, server *slapdtest.Server, configure ...func(*ldap.Config)) *ldap.Directory {
	t.Helper()
	return newDirectory(t, append([]func(*ldap.Config){func(c *ldap.Config) {
		c.URL, c.Security = server.URL(), ldap.Plaintext
		c.SearchBase = "ou=people," + suffix
		c.BindDN, c.BindPassword = "cn=admin,"+suffix, slapdtest.AdminPassword
	}}, configure...)...)
}

func newDirectory(t *testing.T, configure ...func(*ldap.Config)) *ldap.Directory {
	t.Helper()
	directory, err := ldap.New(func(c *ldap.Config) {
		for _, change := range configure {
			change(c)
		}
	})
	require.NoError(t, err)
	return directory
}

func trusting(server *slapdtest.Server) func(*ldap.Config) {
	return func(c *ldap.Config) {
		c.TLS = &tls.Config{RootCAs: server.Roots(), MinVersion: tls.VersionTLS12}
	}
}

func assertRefused(t *testing.T, directory *ldap.Directory, name, password string) {
	t.Helper()
	entry, err := directory.Authenticate(t.Context(), name, password)
	assert.ErrorIs(t, err, authentication.ErrInvalidCredentials, "%q %q", name, password)
	assert.Nil(t, entry)
}

// assertFailed asserts an error that blames nobody's password, and has none in it.
func assertFailed(t *testing.T, directory *ldap.Directory, want string) {
	t.Helper()
	entry, err := directory.Authenticate(t.Context(), "ann", "secret of ann")
	assert.Nil(t, entry)
	if assert.ErrorContains(t, err, want) {
		assert.NotErrorIs(t, err, authentication.ErrInvalidCredentials)
		assert.NotContains(t, err.Error(), "secret of ann")
		assert.NotContains(t, err.Error(), slapdtest.AdminPassword)
	}
}
