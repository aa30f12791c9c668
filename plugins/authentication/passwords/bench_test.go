package passwords_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication/passwords"
)

func BenchmarkHash(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, err := passwords.Hash("password")
		require.NoError(b, err)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	usual, err := passwords.Hash("password")
	require.NoError(b, err)
	hashes := map[string]string{"argon2id": usual, "bcrypt": "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga"}
	for kind, hash := range hashes {
		b.Run(kind, func(b *testing.B) {
			table, err := passwords.NewTable(map[string]string{"ada": hash})
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				_ = table.Authenticate(b.Context(), "ada", "wrong")
			}
		})
	}
	b.Run("digest", func(b *testing.B) {
		digester := passwords.Digest(sha256.New, salt)
		table, err := passwords.NewDigestTable(digester, map[string][]byte{"ada": digester("password")})
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			_ = table.Authenticate(b.Context(), "ada", "password")
		}
	})
}
