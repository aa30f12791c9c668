package ldap_test

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/ldap"
)

// The answers of RFC 4511: to a message, with a code.
const (
	bound    = 0x61
	searched = 0x65

	success  = 0
	referral = 10
)

func answer(message, kind, code byte) []byte {
	return []byte{0x30, 0x0c, 0x02, 0x01, message, kind, 0x07, 0x0a, 0x01, code, 0x04, 0x00, 0x04, 0x00}
}

// searching is a directory without a user of its own, at an address.
func searching(t *testing.T, address string) *ldap.Directory {
	t.Helper()
	return newDirectory(t, func(c *ldap.Config) {
		c.URL, c.Security, c.SearchBase = "ldap://"+address, ldap.Plaintext, "ou=people,"+suffix
	})
}

// Who is not found takes the round trips of a wrong password, and is not let in,
// whatever the directory says.
func TestUnknownNameTakesAsLong(t *testing.T) {
	asked := make(chan string, 1)
	address, _ := listen(t, func(conn net.Conn) {
		_, _ = conn.Write(answer(1, searched, success))
		message := make([]byte, 1024)
		n, _ := conn.Read(message)
		asked <- string(message[:n])
		_, _ = conn.Write(answer(2, bound, success))
	})
	assertRefused(t, searching(t, address), "nobody", "secret")
	assert.Contains(t, <-asked, "cn=nobody,ou=people,"+suffix)
}

// A directory cannot send the application elsewhere, with the password.
func TestReferralsAreNotFollowed(t *testing.T) {
	address, _ := listen(t, func(conn net.Conn) { _, _ = conn.Write(answer(1, searched, referral)) })
	assertFailed(t, searching(t, address), "search a user: the directory answers 10, Referral")

	address, _ = listen(t, func(conn net.Conn) { _, _ = conn.Write(answer(1, bound, referral)) })
	byDN := newDirectory(t, func(c *ldap.Config) {
		c.URL, c.Security, c.UserDN = "ldap://"+address, ldap.Plaintext, "uid=%s,"+suffix
	})
	assertFailed(t, byDN, "log in as a user: the directory answers 10, Referral")
}

// More than 1 MiB of an answer is not read, whatever it promises.
func TestEndlessAnswer(t *testing.T) {
	written := make(chan int, 1)
	address, _ := listen(t, func(conn net.Conn) {
		// A sequence with a text of two gigabytes.
		_, _ = conn.Write([]byte("\x30\x84\x7f\xff\xff\xff\x04\x84\x7f\xff\xff\xf0"))
		part, all := []byte(strings.Repeat("x", 64<<10)), 0
		for all < 64<<20 {
			n, err := conn.Write(part)
			all += n
			if err != nil {
				break
			}
		}
		written <- all
	})
	_, err := searching(t, address).Authenticate(t.Context(), "ann", "secret of ann")
	require.Error(t, err)
	assert.NotErrorIs(t, err, authentication.ErrInvalidCredentials)
	assert.Less(t, <-written, 64<<20)
}
