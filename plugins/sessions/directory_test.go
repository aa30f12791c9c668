package sessions_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
)

func openDirectory(t *testing.T, name string) *sessions.Directory {
	t.Helper()
	storage, err := sessions.OpenDirectory(name)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, storage.Close()) })
	return storage
}

// files returns what is in a directory.
func files(t *testing.T, name string) (found []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, path)
		}
		return err
	}))
	return found
}

func TestDirectoryStorage(t *testing.T) {
	storagetest.Test(t, func(t *testing.T) sessions.Storage { return openDirectory(t, filepath.Join(t.TempDir(), "a", "b")) })
}

func TestDirectoryOutlastsTheProcess(t *testing.T) {
	name := t.TempDir()
	first, err := sessions.OpenDirectory(name)
	require.NoError(t, err)
	save(t, first, "a", 10, time.Hour)
	require.NoError(t, first.Close())
	require.Error(t, first.Save(t.Context(), storagetest.Key("b"), sessions.Record{Expires: time.Now().Add(time.Hour)}))
	assert.True(t, has(t, openDirectory(t, name), "a"))
}

func TestDirectoryCannotBeOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, name := range []string{"", file, filepath.Join(file, "below")} {
		_, err := sessions.OpenDirectory(name)
		require.ErrorContains(t, err, "open directory of sessions", name)
	}
}

// TestHostileKeys: no key becomes a path.
func TestHostileKeys(t *testing.T) {
	name := t.TempDir()
	storage := openDirectory(t, filepath.Join(name, "sessions"))
	secret := filepath.Join(name, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("\nsecret"), 0o600))
	expires := time.Now().Add(time.Hour)
	for _, key := range []string{
		"", "..", "../secret", "/etc/passwd", secret, "a", strings.Repeat("A", 64), strings.Repeat("g", 64),
		strings.Repeat("a", 63), strings.Repeat("a", 65), strings.Repeat("../", 21) + "a", strings.Repeat("\x00", 64),
	} {
		_, err := storage.Load(t.Context(), key)
		require.ErrorContains(t, err, "the key is none that this package makes", key)
		require.Error(t, storage.Save(t.Context(), key, sessions.Record{Expires: expires}))
		require.Error(t, storage.Update(t.Context(), key, sessions.Record{Expires: expires}))
		require.Error(t, storage.Touch(t.Context(), key, expires))
		require.Error(t, storage.Delete(t.Context(), key))
		require.Error(t, storage.DeleteOwner(t.Context(), key))
		if key != "" {
			require.Error(t, storage.Save(t.Context(), storagetest.Key("a"), sessions.Record{Owner: key, Expires: expires}))
		}
	}
	assert.Empty(t, files(t, filepath.Join(name, "sessions")))
	assert.FileExists(t, secret)
}

// TestLinksLeadNowhere: a link that somebody has put into the directory.
func TestLinksLeadNowhere(t *testing.T) {
	outside, name := t.TempDir(), t.TempDir()
	storage := openDirectory(t, name)
	key := storagetest.Key("a")
	if err := os.Symlink(outside, filepath.Join(name, key[:2])); err != nil {
		require.NoError(t, err)
	}
	require.Error(t, storage.Save(t.Context(), key, sessions.Record{Expires: time.Now().Add(time.Hour)}))
	assert.Empty(t, files(t, outside))
}

// TestWriteThatFails leaves nothing of what it was to write.
func TestWriteThatFails(t *testing.T) {
	name := t.TempDir()
	storage := openDirectory(t, name)
	key := storagetest.Key("a")
	// Nothing can take its place.
	require.NoError(t, os.MkdirAll(filepath.Join(name, key[:2], key, "full"), 0o700))
	require.Error(t, storage.Save(t.Context(), key, sessions.Record{Data: []byte("x"), Expires: time.Now().Add(time.Hour)}))
	assert.Empty(t, files(t, name))
}

// TestForeignSessionsStay: a crash may leave a session in the list of an owner who
// has it no more.
func TestForeignSessionsStay(t *testing.T) {
	name := t.TempDir()
	storage := openDirectory(t, name)
	alice, bob := storagetest.Key("alice"), storagetest.Key("bob")
	expires := time.Now().Add(time.Hour)
	require.NoError(t, storage.Save(t.Context(), storagetest.Key("a"), sessions.Record{Owner: alice, Expires: expires}))
	require.NoError(t, storage.Save(t.Context(), storagetest.Key("b"), sessions.Record{Owner: bob, Expires: expires}))
	list := filepath.Join(name, "owners", alice[:2], alice)
	for _, stray := range []string{storagetest.Key("b"), storagetest.Key("gone"), "no key"} {
		require.NoError(t, os.WriteFile(filepath.Join(list, stray), nil, 0o600))
	}
	require.NoError(t, storage.DeleteOwner(t.Context(), alice))
	assert.False(t, has(t, storage, "a"))
	assert.True(t, has(t, storage, "b"))
	assert.Equal(t, []string{filepath.Join(list, "no key")}, files(t, list))
	require.NoError(t, storage.DeleteOwner(t.Context(), bob))
	assert.False(t, has(t, storage, "b"))
}

func TestFilesAreTheUsersOwn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sessions")
	storage := openDirectory(t, name)
	save(t, storage, "a", 10, time.Hour)
	all := files(t, name)
	require.Len(t, all, 1)
	for path, mode := range map[string]fs.FileMode{name: 0o700, filepath.Dir(all[0]): 0o700, all[0]: 0o600} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode().Perm(), path)
	}
}

// TestWhatIsHalfWrittenIsNoSession: after a power failure.
func TestWhatIsHalfWrittenIsNoSession(t *testing.T) {
	name := t.TempDir()
	storage := openDirectory(t, name)
	save(t, storage, "a", 10, time.Hour)
	path := files(t, name)[0]
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)))
	assert.False(t, has(t, storage, "a"))
	assert.Empty(t, files(t, name))
}

// TestExpiredFilesAreRemoved: nobody has to ask for them. The times of files are
// those of the system, so that they are set by hand.
func TestExpiredFilesAreRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := t.TempDir()
		storage, err := sessions.OpenDirectory(name)
		require.NoError(t, err)
		defer storage.Close()
		for i := range 300 {
			record := sessions.Record{Data: []byte("x"), Owner: storagetest.Key("owner"), Expires: time.Now().Add(time.Hour)}
			require.NoError(t, storage.Save(context.Background(), storagetest.Key(strconv.Itoa(i)), record))
		}
		left := filepath.Join(name, storagetest.Key("0")[:2], storagetest.Key("crash")+".new")
		require.NoError(t, os.WriteFile(left, nil, 0o600))
		require.NoError(t, os.Chtimes(left, time.Now(), time.Now()))
		assert.Len(t, files(t, name), 601)
		time.Sleep(2 * time.Hour)
		for range 256 {
			time.Sleep(time.Minute)
			require.NoError(t, storage.Save(context.Background(), storagetest.Key("last"), sessions.Record{Expires: time.Now().Add(time.Hour)}))
		}
		assert.Len(t, files(t, name), 1)
	})
}
