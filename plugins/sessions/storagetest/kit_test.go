package storagetest_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
)

// TestKitPassesACorrectStorage: the storages of package sessions run the kit too.
func TestKitPassesACorrectStorage(t *testing.T) {
	storagetest.Test(t, func(*testing.T) sessions.Storage { return sessions.NewMemory() })
}

// faulty is a storage with one fault.
type faulty struct {
	*sessions.Memory

	fault string
}

// faults are what the kit has to find, by name, with the test that finds it.
var faults = map[string]string{
	"cuts data":                    "any data",
	"has no limit of time":         "what has expired is gone",
	"forgets when":                 "what is saved is loaded",
	"an update makes a session":    "what is not there",
	"a touch makes none an error":  "what is not there",
	"a touch brings old data back": "a touch leaves the data alone",
	"an update keeps the time":     "an update changes when it expires",
	"a deletion does nothing":      "what is deleted stays so",
	"what is deleted is an error":  "what is not there",
	"all sessions are one":         "sessions are apart",
	"an ended context is no error": "an ended context",
	"owners are not kept":          "all sessions of an owner",
	"an update loses the owner":    "an owner changes",
	"all owners are one":           "an owner without sessions",
}

func (f faulty) key(key string) string {
	if f.fault == "all sessions are one" {
		return storagetest.Key("one")
	}
	return key
}

func (f faulty) owner(owner string) string {
	switch {
	case f.fault == "owners are not kept":
		return ""
	case f.fault == "all owners are one" && owner != "":
		return storagetest.Key("one")
	}
	return owner
}

func (f faulty) Load(ctx context.Context, key string) (sessions.Record, error) {
	if f.fault == "an ended context is no error" && ctx.Err() != nil {
		return sessions.Record{}, sessions.ErrNoSession
	}
	record, err := f.Memory.Load(ctx, f.key(key))
	if f.fault == "forgets when" {
		record.Expires = time.Time{}
	}
	return record, err
}

func (f faulty) Save(ctx context.Context, key string, record sessions.Record) error {
	record.Owner = f.owner(record.Owner)
	switch f.fault {
	case "cuts data":
		record.Data, _, _ = bytes.Cut(record.Data, []byte{0})
	case "has no limit of time":
		record.Expires = time.Now().Add(time.Hour)
	}
	return f.Memory.Save(ctx, f.key(key), record)
}

func (f faulty) Update(ctx context.Context, key string, record sessions.Record) error {
	record.Owner = f.owner(record.Owner)
	switch f.fault {
	case "an update makes a session":
		return f.Memory.Save(ctx, key, record)
	case "an update keeps the time":
		if old, err := f.Memory.Load(ctx, key); err == nil && record.Expires.After(old.Expires) {
			record.Expires = old.Expires
		}
	case "an update loses the owner":
		record.Owner = ""
	}
	return f.Memory.Update(ctx, f.key(key), record)
}

func (f faulty) Touch(ctx context.Context, key string, expires time.Time) error {
	err := f.Memory.Touch(ctx, f.key(key), expires)
	switch {
	case f.fault == "a touch makes none an error":
		return nil
	case f.fault == "a touch brings old data back" && err == nil:
		return f.Memory.Update(ctx, key, sessions.Record{Data: []byte("first"), Expires: expires})
	}
	return err
}

func (f faulty) Delete(ctx context.Context, key string) error {
	switch f.fault {
	case "a deletion does nothing":
		return nil
	case "what is deleted is an error":
		if _, err := f.Memory.Load(ctx, key); err != nil {
			return err
		}
	}
	return f.Memory.Delete(ctx, f.key(key))
}

func (f faulty) DeleteOwner(ctx context.Context, owner string) error {
	return f.Memory.DeleteOwner(ctx, f.owner(owner))
}

const faultName = "CHITOR_STORAGETEST_FAULT"

// TestFaultyStorage runs the kit on one faulty storage, in a process that
// [TestKitFindsFaults] starts. In any other process there is nothing to do.
func TestFaultyStorage(t *testing.T) {
	if fault := os.Getenv(faultName); fault != "" {
		storagetest.Test(t, func(*testing.T) sessions.Storage { return faulty{sessions.NewMemory(), fault} })
	}
}

func TestKitFindsFaults(t *testing.T) {
	for fault, test := range faults {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			program, err := os.Executable()
			require.NoError(t, err)
			command := exec.CommandContext(t.Context(), program, "-test.run=^TestFaultyStorage$")
			command.Env = append(os.Environ(), faultName+"="+fault)
			output, err := command.CombinedOutput()
			require.Error(t, err, "the kit finds nothing:\n%s", output)
			assert.Contains(t, string(output), "--- FAIL: TestFaultyStorage/"+strings.ReplaceAll(test, " ", "_"))
		})
	}
}
