package passwords_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication/passwords"
)

// hashes were made by others: Debian's argon2, which is the reference
// implementation, and libxcrypt.
var hashes = []struct{ hash, password string }{
	{"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
	{"$argon2id$v=19$m=4096,t=3,p=4$c29tZXNhbHQ$poE/0h2cjbv+UlPDgRVOHqwlmCAYo5LF5leMrvQqVrI", "password"},
	{
		"$argon2id$v=19$m=1024,t=1,p=2$c2l4dGVlbmJ5dGVzYWx0IQ$" +
			"FRp+286nr8PNXYxAXFtBhBZN3DbkI072jz3wJXyqboZGvDJdESR5tf5F1O3zo6bNx8ZFeiGKglvD0v5k2529og",
		"Grüße, 世界",
	},
	{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
	{"$2y$04$abcdefghijklmnopqrstuughE8Ev8uGFaUgY2cNEySvxngrb/Jzdm", "password"},
	{"$2b$05$XXXXXXXXXXXXXXXXXXXXXO5ZCw0KCH9/x5n6Sq.UdwqngEasEevOW", "Grüße"},
	{"$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i", strings.Repeat("x", 72)},
	{"$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq", ""},
}

func TestHashesOfOthers(t *testing.T) {
	t.Parallel()
	for _, known := range hashes {
		for _, password := range []string{known.password, known.password + "x", known.password + "\x00" + known.password} {
			got, err := passwords.Verify(known.hash, password)
			require.NoError(t, err, known.hash)
			assert.Equal(t, password == known.password, got, "%q of %s", password, known.hash)
		}
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	first, err := passwords.Hash("correct horse")
	require.NoError(t, err)
	assert.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, first)
	second, err := passwords.Hash("correct horse")
	require.NoError(t, err)
	assert.NotEqual(t, first, second, "the salt is random")
	for password, want := range map[string]bool{"correct horse": true, "correct horsf": false, "": false} {
		got, err := passwords.Verify(first, password)
		require.NoError(t, err)
		assert.Equal(t, want, got, password)
	}
}

func TestLengthsOfPasswords(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("p", passwords.MaxLength)
	hash, err := passwords.Hash(longest)
	require.NoError(t, err)
	for password, want := range map[string]bool{longest: true, longest + "p": false, longest[1:]: false} {
		got, err := passwords.Verify(hash, password)
		require.NoError(t, err)
		assert.Equal(t, want, got, len(password))
	}
	_, err = passwords.Hash(longest + "p")
	require.ErrorIs(t, err, passwords.ErrTooLong)
	_, err = passwords.Hash("")
	require.ErrorIs(t, err, passwords.ErrEmpty)
}

// What asks for too much is refused before it costs anything, and what is no hash
// before anything is read of it. The errors hold nothing of a hash.
func TestHostileHashes(t *testing.T) {
	t.Parallel()
	const salt, sum = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	const bcrypt = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	for hash, want := range map[string]string{
		"":         "of an unknown kind",
		"password": "of an unknown kind",
		"$argon2i$v=19$m=1024,t=2,p=1$" + salt + "$/AomWzXGuO56QhmXE3p9/0R81VDwTUaD1xQMkGw+IbQ": "of an unknown kind",
		"$2$05$" + bcrypt:          "of an unknown kind",
		"$2x$05$" + bcrypt:         "of an unknown kind",
		"$5$saltstring$5B8vYYiY.C": "of an unknown kind",

		"$argon2id$v=16$m=1024,t=2,p=1$" + salt + "$" + sum:                 "none of argon2id",
		"$argon2id$m=1024,t=2,p=1$" + salt + "$" + sum:                      "none of argon2id",
		"$argon2id$v=19$m=1024,t=2$" + salt + "$" + sum:                     "none of argon2id",
		"$argon2id$v=19$t=2,m=1024,p=1$" + salt + "$" + sum:                 "none of argon2id",
		"$argon2id$v=19$m=1024,t=2,p=1,keyid=x$" + salt + "$" + sum:         "none of argon2id",
		"$argon2id$v=19$m=1024,t=2,p=1$" + salt + "$" + sum + "$":           "none of argon2id",
		"$argon2id$v=19$m=1024,t=2,p=1$" + salt + "=$" + sum:                "none of argon2id",
		"$argon2id$v=19$m=1024,t=2,p=1$" + salt + "\n$" + sum:               "none of argon2id",
		"$argon2id$v=19$m=1024,t=2,p=1$" + salt + "$" + sum[:42] + "d":      "none of argon2id",
		"$argon2id$v=19$m=+1024,t=2,p=1$" + salt + "$" + sum:                "none of argon2id",
		"$argon2id$v=19$m=01024,t=2,p=1$" + salt + "$" + sum:                "none of argon2id",
		"$argon2id$v=19$m=0x400,t=2,p=1$" + salt + "$" + sum:                "none of argon2id",
		"$argon2id$v=19$m=,t=2,p=1$" + salt + "$" + sum:                     "none of argon2id",
		"$argon2id$v=19$m=99999999999999999999,t=2,p=1$" + salt + "$" + sum: "none of argon2id",
		"$argon2id$v=19$m=1024,t=0,p=1$" + salt + "$" + sum:                 "none of argon2id",
		"$argon2id$v=19$m=1024,t=2,p=0$" + salt + "$" + sum:                 "none of argon2id",
		"$argon2id$v=19$m=7,t=2,p=1$" + salt + "$" + sum:                    "wants 7 KiB",
		"$argon2id$v=19$m=127,t=2,p=16$" + salt + "$" + sum:                 "wants 127 KiB",
		"$argon2id$v=19$m=1048577,t=1,p=1$" + salt + "$" + sum:              "wants 1048577 KiB",
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + sum:           "wants 4294967295 KiB",
		"$argon2id$v=19$m=1048576,t=5,p=1$" + salt + "$" + sum:              "wants 1048576 KiB 5 times",
		"$argon2id$v=19$m=1024,t=33,p=1$" + salt + "$" + sum:                "wants 33 passes",
		"$argon2id$v=19$m=1024,t=4294967295,p=1$" + salt + "$" + sum:        "wants 4294967295 passes",
		"$argon2id$v=19$m=1024,t=2,p=17$" + salt + "$" + sum:                "wants 17 threads",
		"$argon2id$v=19$m=1024,t=2,p=257$" + salt + "$" + sum:               "wants 257 threads",
		"$argon2id$v=19$m=1024,t=2,p=1$c2FsdA$" + sum:                       "of a length that is none",
		"$argon2id$v=19$m=1024,t=2,p=1$" + salt + "$AAAA":                   "of a length that is none",
		"$argon2id$v=19$m=1024,t=2,p=1$" + strings.Repeat("A", 1<<20) + "$": "of a length that is none",

		"$2b$17$" + bcrypt:                     "a cost of 17",
		"$2b$31$" + bcrypt:                     "a cost of 31",
		"$2b$03$" + bcrypt:                     "a cost of 3",
		"$2b$+5$" + bcrypt:                     "none of bcrypt",
		"$2b$5$" + bcrypt + "x":                "none of bcrypt",
		"$2b$05$" + bcrypt + "x":               "none of bcrypt",
		"$2b$05$" + bcrypt[1:]:                 "none of bcrypt",
		"$2b$05$" + bcrypt[1:] + "$":           "none of bcrypt",
		"$2b$05$" + strings.Repeat("\x00", 53): "none of bcrypt",
	} {
		ok, err := passwords.Verify(hash, "password")
		assert.False(t, ok, hash)
		require.ErrorContains(t, err, want, hash)
		for _, secret := range []string{salt, sum[:20], bcrypt[:20], "saltstring"} {
			assert.NotContains(t, err.Error(), secret)
		}
	}
}

// FuzzParse: what is taken for a hash is written as it was read, and asks for no
// more than it may.
func FuzzParse(f *testing.F) {
	for _, known := range hashes {
		f.Add(known.hash)
	}
	f.Add("$argon2id$v=19$m=4294967296,t=0,p=300$$")
	f.Fuzz(func(t *testing.T, text string) {
		again, work, err := passwords.Read(text)
		if err != nil {
			assert.Empty(t, again)
			return
		}
		assert.Equal(t, text, again)
		assert.LessOrEqual(t, work, uint64(4<<20))
	})
}
