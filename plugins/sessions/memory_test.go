package sessions_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
)

func TestMemoryStorage(t *testing.T) {
	storagetest.Test(t, func(*testing.T) sessions.Storage { return sessions.NewMemory() })
	storagetest.Test(t, func(*testing.T) sessions.Storage {
		return sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxSessions, c.MaxBytes = 0, 0 })
	})
}

// has reports whether a session is in a storage.
func has(t *testing.T, storage sessions.Storage, name string) bool {
	t.Helper()
	_, err := storage.Load(t.Context(), storagetest.Key(name))
	if err != nil {
		require.ErrorIs(t, err, sessions.ErrNoSession)
	}
	return err == nil
}

func save(t testing.TB, storage sessions.Storage, name string, size int, life time.Duration) {
	t.Helper()
	record := sessions.Record{Data: make([]byte, size), Expires: time.Now().Add(life)}
	require.NoError(t, storage.Save(t.Context(), storagetest.Key(name), record))
}

// TestFloodOfSessions: ten thousand a second for three seconds, and those who come
// back keep theirs.
func TestFloodOfSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxSessions = 1000 })
		for i := range 100 {
			save(t, memory, fmt.Sprint("user", i), 10, time.Hour)
			require.True(t, has(t, memory, fmt.Sprint("user", i)))
		}
		for i := range 3 {
			for j := range 10_000 {
				save(t, memory, fmt.Sprint("flood", i, ".", j), 10, time.Hour)
			}
			time.Sleep(time.Second)
			require.LessOrEqual(t, memory.Len(), 1000)
		}
		for i := range 100 {
			assert.True(t, has(t, memory, fmt.Sprint("user", i)))
		}
		assert.True(t, has(t, memory, "flood2.9999"))
		assert.False(t, has(t, memory, "flood2.1"))
	})
}

// TestFloodThatComesBack: nothing is left that tells it from users, but memory is
// bounded.
func TestFloodThatComesBack(t *testing.T) {
	memory := sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxSessions = 100 })
	for i := range 10_000 {
		save(t, memory, fmt.Sprint(i), 10, time.Hour)
		require.True(t, has(t, memory, fmt.Sprint(i)), "the newest is never the one to go")
		require.LessOrEqual(t, memory.Len(), 100)
	}
	assert.Equal(t, 100, memory.Len())
	assert.False(t, has(t, memory, "0"))
	assert.True(t, has(t, memory, "9990"))
}

func TestBytesAreBounded(t *testing.T) {
	memory := sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxBytes = 100 << 10 })
	for i := range 1000 {
		save(t, memory, fmt.Sprint(i), 10<<10, time.Hour)
	}
	assert.Equal(t, 9, memory.Len())
	small := sessions.Record{Expires: time.Now().Add(time.Hour)}
	large := sessions.Record{Data: make([]byte, 100<<10), Expires: small.Expires}
	require.ErrorContains(t, memory.Save(t.Context(), storagetest.Key("large"), large), "MaxBytes of the storage is 102400")
	require.NoError(t, memory.Save(t.Context(), storagetest.Key("small"), small))
	require.ErrorContains(t, memory.Update(t.Context(), storagetest.Key("small"), large), "MaxBytes of the storage is 102400")
	assert.True(t, has(t, memory, "small"), "and stays as it was")
	for i := range 4 { // what grows displaces others as well
		large.Data = make([]byte, (i+1)*20<<10)
		require.NoError(t, memory.Update(t.Context(), storagetest.Key("small"), large))
	}
	assert.Equal(t, 2, memory.Len())
}

// TestExpiredGoFirst: neither a limit nor a Load is needed for them to go.
func TestExpiredGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxSessions = 20 })
		save(t, memory, "user", 0, time.Hour)
		for i := range 19 {
			save(t, memory, fmt.Sprint("short", i), 0, time.Minute)
			require.True(t, has(t, memory, fmt.Sprint("short", i)))
		}
		time.Sleep(time.Minute)
		for i := range 10 {
			save(t, memory, fmt.Sprint("new", i), 0, time.Hour)
		}
		assert.Equal(t, 11, memory.Len(), "two go with each that comes")
		assert.True(t, has(t, memory, "user"))
	})
}
