package sessions_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
)

// The cases are those of Ktor's DirectorySessionStorageTest.
func TestKtorDirectorySessionStorageTest(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, storage sessions.Storage){
		"testSetup":          func(*testing.T, sessions.Storage) {},
		"testMissingSession": func(t *testing.T, storage sessions.Storage) { assert.False(t, has(t, storage, "id0")) },
		"testSaveSimple": func(t *testing.T, storage sessions.Storage) {
			save(t, storage, "id1", 5, time.Hour)
			assert.True(t, has(t, storage, "id1"))
		},
		"testSaveTwice": func(t *testing.T, storage sessions.Storage) {
			save(t, storage, "id1", 15, time.Hour)
			save(t, storage, "id1", 5, time.Hour)
			record, err := storage.Load(t.Context(), storagetest.Key("id1"))
			require.NoError(t, err)
			assert.Len(t, record.Data, 5)
		},
		"testInvalidate": func(t *testing.T, storage sessions.Storage) {
			save(t, storage, "id1", 5, time.Hour)
			require.NoError(t, storage.Delete(t.Context(), storagetest.Key("id1")))
			assert.False(t, has(t, storage, "id1"))
		},
	} {
		t.Run(name, func(t *testing.T) { test(t, openDirectory(t, t.TempDir())) })
	}
}
