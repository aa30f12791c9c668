package ldap_test

import (
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication/ldap"
)

func TestMistakes(t *testing.T) {
	byName := func(c *ldap.Config) { c.URL, c.UserDN = "ldap://localhost", "uid=%s,dc=example" }
	bySearch := func(c *ldap.Config) { c.URL, c.SearchBase = "ldap://localhost", "dc=example" }
	for want, configure := range map[string][]func(*ldap.Config){
		`the URL is ""`: {byName, func(c *ldap.Config) { c.URL = "" }},
		`the URL is "http://localhost": it must be`: {byName, func(c *ldap.Config) { c.URL = "http://localhost" }},
		"security 2 is neither":                     {byName, func(c *ldap.Config) { c.Security = 2 }},
		"neither UserDN nor SearchBase is set":      {byName, func(c *ldap.Config) { c.UserDN = "" }},
		"UserDN and SearchBase are both set":        {byName, func(c *ldap.Config) { c.SearchBase = "dc=example" }},
		`UserDN "uid=ann" has no %s`:                {byName, func(c *ldap.Config) { c.UserDN = "uid=ann" }},
		`UserDN "%s" is no distinguished name`:      {byName, func(c *ldap.Config) { c.UserDN = "%s" }},
		`SearchFilter "(uid=ann)" has no %s`:        {bySearch, func(c *ldap.Config) { c.SearchFilter = "(uid=ann)" }},
		`SearchFilter "(uid=%s" is no filter`:       {bySearch, func(c *ldap.Config) { c.SearchFilter = "(uid=%s" }},
		"BindDN and BindPassword go together":       {bySearch, func(c *ldap.Config) { c.BindDN = "cn=admin" }},
		"the time-out is -1ns":                      {byName, func(c *ldap.Config) { c.Timeout = -1 }},
		"MaxConnections is -1":                      {byName, func(c *ldap.Config) { c.MaxConnections = -1 }},
	} {
		directory, err := ldap.New(func(c *ldap.Config) {
			for _, change := range configure {
				change(c)
			}
		})
		require.ErrorContains(t, err, want)
		assert.Nil(t, directory)
	}
	_, err := ldap.New(nil)
	require.ErrorContains(t, err, "directory: the configuration function is nil")
}

// The cases of Ktor's LdapEscapeTest.
func TestKtorLdapEscapeTest(t *testing.T) {
	for name, cases := range map[string]map[string]string{
		"smokeTest": {
			"": "", "1": "1", "12": "12", "simple": "simple",
			"space in the middle":                          `space\ in\ the\ middle`,
			" space in the beginning":                      `\ space\ in\ the\ beginning`,
			"space in the end ":                            `space\ in\ the\ end\ `,
			`slash\quote"hash#plus+comma,semi;less<eq=gt>`: `slash\\quote\"hash\#plus\+comma\,semi\;less\<eq\=gt\>`,
			"null\x00": `null\00`,
		},
		"testUnicodeAndSpecials": {"\x00": `\00`, "\u0416": `\d0\96`},
	} {
		for value, want := range cases {
			assert.Equal(t, want, ldap.EscapeDN(value), name)
		}
	}
}

// Whatever the value is, it is all of one value.
func FuzzEscapeDN(f *testing.F) {
	for _, seed := range []string{"", "ann", " ann ", "a,b", `\`, "#x", "a+b=c", "é\x00", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		dn, err := goldap.ParseDN("uid=" + ldap.EscapeDN(value) + ",dc=example")
		require.NoError(t, err)
		require.Len(t, dn.RDNs, 2)
		require.Len(t, dn.RDNs[0].Attributes, 1)
		assert.Equal(t, value, dn.RDNs[0].Attributes[0].Value)
	})
}
