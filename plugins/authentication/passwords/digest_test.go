package passwords_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication/passwords"
)

// salt is that of Ktor's sample.
func salt(password string) string { return "ktor" + strconv.Itoa(len(password)) }

// The sums are those of sha256sum and sha512sum for "ktor6foobar" and
// "ktor8password".
func TestDigest(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "b0912c6e3910c5fe1ff5377b39a9d1d5c0ce1f1ad5f6fc95af1e0fa232bc1bdc",
		hex.EncodeToString(passwords.Digest(sha256.New, salt)("foobar")))
	assert.Equal(t, "204e5ed0a0b9273901af41546cf81d047dece2b90b136d3b3edf8330dbc753ee"+
		"fe129ff54c99a2e41f6cffd44343e1cd09daf03f4dfd64467a2afe17217e5436",
		hex.EncodeToString(passwords.Digest(sha512.New, salt)("password")))
	assert.Nil(t, passwords.Digest(nil, salt))
	assert.Nil(t, passwords.Digest(sha256.New, nil))
}

func TestDigestTable(t *testing.T) {
	t.Parallel()
	digester := passwords.Digest(sha256.New, salt)
	digests := map[string][]byte{"jetbrains": digester("foobar"), "admin": digester("password")}
	table, err := passwords.NewDigestTable(digester, digests)
	require.NoError(t, err)
	digests["admin"][0]++
	require.NoError(t, table.Authenticate(t.Context(), "jetbrains", "foobar"))
	require.NoError(t, table.Authenticate(t.Context(), "admin", "password"))
	for name, password := range map[string]string{"jetbrains": "password", "admin": "foobar", "nobody": "password", "": ""} {
		require.ErrorIs(t, table.Authenticate(t.Context(), name, password), passwords.ErrMismatch)
	}
}
