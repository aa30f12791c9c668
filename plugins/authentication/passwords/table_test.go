package passwords_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/passwords"
)

// Hashes of "password" that cost little.
const (
	cheapArgon2 = "$argon2id$v=19$m=4096,t=3,p=4$c29tZXNhbHQ$poE/0h2cjbv+UlPDgRVOHqwlmCAYo5LF5leMrvQqVrI"
	cheapBcrypt = "$2y$04$abcdefghijklmnopqrstuughE8Ev8uGFaUgY2cNEySvxngrb/Jzdm"
)

// watched makes a table tell what it has verified.
func watched(t *testing.T, table *passwords.Table, err error) (*passwords.Table, *[]string) {
	t.Helper()
	require.NoError(t, err)
	var costs []string
	passwords.Watch(table, func(cost string) { costs = append(costs, cost) })
	return table, &costs
}

func TestTable(t *testing.T) {
	t.Parallel()
	hashes := map[string]string{"ada": cheapArgon2, "bob": cheapBcrypt, "": cheapBcrypt}
	table, err := passwords.NewTable(hashes)
	require.NoError(t, err)
	clear(hashes)
	for _, name := range []string{"ada", "bob", ""} {
		require.NoError(t, table.Authenticate(t.Context(), name, "password"), name)
		for _, wrong := range []string{"", "passwor", "password ", "Password", strings.Repeat("password", 1000)} {
			require.ErrorIs(t, table.Authenticate(t.Context(), name, wrong), passwords.ErrMismatch, "%s: %s", name, wrong)
		}
	}
	for _, nobody := range []string{"eve", "Ada", "ada ", strings.Repeat("x", 1<<20)} {
		err := table.Authenticate(t.Context(), nobody, "password")
		require.ErrorIs(t, err, passwords.ErrMismatch)
		require.ErrorIs(t, err, authentication.ErrInvalidCredentials)
		assert.EqualError(t, err, "invalid credentials: the name or the password is wrong")
	}
}

// An unknown user costs what a wrong password costs: one hash of the same kind and
// cost. So does a password that is too long.
func TestUnknownUsersCostAsMuch(t *testing.T) {
	t.Parallel()
	digester := func(password string) []byte { return []byte("digest of " + password) }
	for name, test := range map[string]struct {
		table func() (*passwords.Table, error)
		cost  string
	}{
		"argon2id": {
			func() (*passwords.Table, error) { return passwords.NewTable(map[string]string{"ada": cheapArgon2}) },
			"argon2id 4096 KiB, 3 passes, 4 threads",
		},
		"bcrypt": {
			func() (*passwords.Table, error) { return passwords.NewTable(map[string]string{"ada": cheapBcrypt}) }, "bcrypt 04",
		},
		"digest": {
			func() (*passwords.Table, error) {
				return passwords.NewDigestTable(digester, map[string][]byte{"ada": digester("password")})
			}, "digest",
		},
		"lookup with a decoy": {
			func() (*passwords.Table, error) {
				return passwords.NewLookupTable(func(_ context.Context, name string) (string, bool, error) {
					return cheapBcrypt, name == "ada", nil
				}, func(c *passwords.Config) { c.Decoy = strings.Replace(cheapBcrypt, "2y", "2b", 1) })
			}, "bcrypt 04",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, err := test.table()
			table, costs := watched(t, table, err)
			require.NoError(t, table.Authenticate(t.Context(), "ada", "password"))
			require.Error(t, table.Authenticate(t.Context(), "ada", "wrong"))
			require.Error(t, table.Authenticate(t.Context(), "eve", "password"))
			require.Error(t, table.Authenticate(t.Context(), "eve", strings.Repeat("x", 2000)))
			require.Error(t, table.Authenticate(t.Context(), "ada", strings.Repeat("x", 2000)))
			assert.Equal(t, []string{test.cost, test.cost, test.cost, test.cost, test.cost}, *costs)
		})
	}
}

// A table of nobody, and one that looks up, cost what a new user would.
func TestNobodyCostsWhatHashMakes(t *testing.T) {
	t.Parallel()
	empty, err := passwords.NewTable(nil)
	empty, costs := watched(t, empty, err)
	require.ErrorIs(t, empty.Authenticate(t.Context(), "eve", ""), passwords.ErrMismatch)
	assert.Equal(t, []string{"argon2id 19456 KiB, 2 passes, 1 threads"}, *costs)

	nobody := func(context.Context, string) (string, bool, error) { return "", false, nil }
	lookup, err := passwords.NewLookupTable(nobody)
	lookup, costs = watched(t, lookup, err)
	require.ErrorIs(t, lookup.Authenticate(t.Context(), "eve", ""), passwords.ErrMismatch)
	assert.Equal(t, []string{"argon2id 19456 KiB, 2 passes, 1 threads"}, *costs)

	calls := 0
	digests, err := passwords.NewDigestTable(func(string) []byte { calls++; return nil }, nil)
	require.NoError(t, err)
	require.ErrorIs(t, digests.Authenticate(t.Context(), "eve", ""), passwords.ErrMismatch)
	assert.Equal(t, 1, calls)
}

// In a mixed table names that nobody has are as mixed, and each stays what it is.
func TestMixedCosts(t *testing.T) {
	t.Parallel()
	table, err := passwords.NewTable(map[string]string{"ada": cheapArgon2, "bob": cheapBcrypt})
	table, costs := watched(t, table, err)
	kinds := map[string]int{}
	for i := range 64 {
		name := strings.Repeat("x", i)
		for range 2 {
			require.ErrorIs(t, table.Authenticate(t.Context(), name, "password"), passwords.ErrMismatch)
		}
		assert.Equal(t, (*costs)[2*i], (*costs)[2*i+1], "the cost of a name changes")
		kinds[(*costs)[2*i]]++
	}
	assert.Len(t, kinds, 2) // by chance it fails once in 2^63 times
}

func TestLookupsThatFail(t *testing.T) {
	t.Parallel()
	down := errors.New("the database is down")
	for name, test := range map[string]struct {
		lookup passwords.Lookup
		want   string
	}{
		"an error": {func(context.Context, string) (string, bool, error) { return "", true, down }, "find a user's password: the database is down"},
		"no hash":  {func(context.Context, string) (string, bool, error) { return "password", true, nil }, "of an unknown kind"},
		"a costly hash": {func(context.Context, string) (string, bool, error) {
			return strings.Replace(cheapBcrypt, "04", "31", 1), true, nil
		}, "a cost of 31"},
	} {
		table, err := passwords.NewLookupTable(test.lookup)
		require.NoError(t, err)
		err = table.Authenticate(t.Context(), "ada", "password")
		require.ErrorContains(t, err, test.want, name)
		require.NotErrorIs(t, err, authentication.ErrInvalidCredentials, "a failure is no refusal")
		assert.NotContains(t, err.Error(), cheapBcrypt[7:])
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	_, err := passwords.NewTable(map[string]string{"ada": "password", "bob": cheapBcrypt, "eve": "$2b$31$" + cheapBcrypt[7:]},
		func(c *passwords.Config) { c.MaxConcurrent = 0; c.Decoy = "decoy" }, nil)
	for _, text := range []string{
		`table of passwords: user "ada": the stored hash is of an unknown kind`, `user "eve": the stored hash has a cost of 31`,
		"MaxConcurrent is 0", "the decoy: the stored hash is of an unknown kind", "the configuration function is nil",
	} {
		require.ErrorContains(t, err, text)
	}
	assert.NotContains(t, err.Error(), "bob")
	_, err = passwords.NewLookupTable(nil)
	require.ErrorContains(t, err, "the function that finds the hash of a user is nil")
	_, err = passwords.NewDigestTable(passwords.Digest(nil, nil), map[string][]byte{"ada": nil})
	require.ErrorContains(t, err, "the digester is nil")
	require.ErrorContains(t, err, `user "ada": the digest is empty`)
}

// A digester that takes an hour of fake time shows who waits for whom.
func slow(t *testing.T, most int) (table *passwords.Table, atOnce *atomic.Int32) {
	t.Helper()
	var running atomic.Int32
	atOnce = new(atomic.Int32)
	table, err := passwords.NewDigestTable(func(password string) []byte {
		atOnce.Store(max(atOnce.Load(), running.Add(1)))
		defer running.Add(-1)
		time.Sleep(time.Hour)
		return []byte(password)
	}, map[string][]byte{"ada": []byte("password")}, func(c *passwords.Config) { c.MaxConcurrent = most })
	require.NoError(t, err)
	return table, atOnce
}

func TestFloodsWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		table, atOnce := slow(t, 3)
		began := time.Now()
		var calls sync.WaitGroup
		for i := range 12 {
			calls.Go(func() {
				name := [...]string{"ada", "eve"}[i%2] // who is not there waits, too
				err := table.Authenticate(t.Context(), name, "password")
				assert.Equal(t, name == "ada", err == nil)
			})
		}
		calls.Wait()
		assert.EqualValues(t, 3, atOnce.Load())
		assert.Equal(t, 4*time.Hour, time.Since(began))
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		table, _ := slow(t, 1)
		var first sync.WaitGroup
		first.Go(func() { assert.NoError(t, table.Authenticate(t.Context(), "ada", "password")) })
		synctest.Wait()
		cause := errors.New("the client has gone")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, cause)
		defer cancel()
		err := table.Authenticate(ctx, "ada", "password")
		require.ErrorIs(t, err, cause)
		require.NotErrorIs(t, err, passwords.ErrMismatch)
		_, err = table.Hash(ctx, "password")
		require.ErrorIs(t, err, cause)
		assert.ErrorContains(t, err, "hash a password: 1 are under way, as many as there may be")
		first.Wait()
		require.NoError(t, table.Authenticate(t.Context(), "ada", "password"), "the turn is free again")
	})
}

func TestHashOfATable(t *testing.T) {
	t.Parallel()
	table, err := passwords.NewTable(nil)
	require.NoError(t, err)
	hash, err := table.Hash(t.Context(), "password")
	require.NoError(t, err)
	table, err = passwords.NewTable(map[string]string{"ada": hash})
	require.NoError(t, err)
	require.NoError(t, table.Authenticate(t.Context(), "ada", "password"))
	_, err = table.Hash(t.Context(), "")
	require.ErrorIs(t, err, passwords.ErrEmpty)
}
