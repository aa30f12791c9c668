package watched_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/watched"
)

// join is the contents of files in one, unless one of them is bad.
func join(contents [][]byte) (string, error) {
	text := string(bytes.Join(contents, []byte("+")))
	if strings.Contains(text, "bad") {
		return "", errors.New("the text is bad")
	}
	return text, nil
}

// write writes a file whose time is the one of the bubble.
func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(t, os.Chtimes(path, time.Now(), time.Now()))
}

func TestValue(t *testing.T) {
	type step struct {
		change func(t *testing.T, first, second string)
		wait   time.Duration
		want   string
		logs   int // lines by now
	}
	rewrite := func(first, second string) func(*testing.T, string, string) {
		return func(t *testing.T, a, b string) {
			if first != "" {
				write(t, a, first)
			}
			if second != "" {
				write(t, b, second)
			}
		}
	}
	cases := map[string][]step{
		"nothing changes": {{nil, time.Hour, "a+b", 0}, {nil, time.Hour, "a+b", 0}},
		"within a second nobody looks": {
			{rewrite("AA", "BB"), 999 * time.Millisecond, "a+b", 0},
			{nil, time.Millisecond, "AA+BB", 1},
			{nil, time.Hour, "AA+BB", 1},
		},
		"a bad one changes nothing, and is logged once": {
			{rewrite("bad", ""), time.Second, "a+b", 1},
			{nil, time.Second, "a+b", 1},
			{rewrite("bad, too", ""), time.Second, "a+b", 2},
			{rewrite("C", ""), time.Second, "C+b", 3},
		},
		"a missing one changes nothing, and is logged once": {
			{func(t *testing.T, first, _ string) { require.NoError(t, os.Remove(first)) }, time.Second, "a+b", 1},
			{nil, time.Second, "a+b", 1},
			{rewrite("D", ""), time.Second, "D+b", 2},
		},
		"one after the other": {
			{rewrite("bad", ""), time.Second, "a+b", 1},
			{rewrite("E", "F"), time.Second, "E+F", 2},
		},
		"another file with the same time and length": {
			{func(t *testing.T, first, _ string) {
				info, err := os.Stat(first)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(first+".new", []byte("G"), 0o600))
				require.NoError(t, os.Chtimes(first+".new", info.ModTime(), info.ModTime()))
				require.NoError(t, os.Rename(first+".new", first))
			}, time.Second, "G+b", 1},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
				write(t, first, "a")
				write(t, second, "b")
				var log bytes.Buffer
				files := watched.Files{Logger: slog.New(slog.NewTextHandler(&log, nil))}
				value, err := watched.Read(files, join, first, second)
				require.NoError(t, err)
				for i, step := range steps {
					if step.change != nil {
						step.change(t, first, second)
					}
					time.Sleep(step.wait)
					require.Equal(t, step.want, value.Get(), "step %d", i)
					require.Equal(t, step.logs, strings.Count(log.String(), "\n"), log.String())
				}
			})
		})
	}
}

func TestReadFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	_, err := watched.Read(watched.Files{}, join, path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, path)
	write(t, path, "bad")
	_, err = watched.Read(watched.Files{}, join, path)
	require.EqualError(t, err, "the text is bad")
}

func TestResourcesComeFirst(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "both", "file")
	write(t, "file", "file")
	absolute, err := filepath.Abs("both")
	require.NoError(t, err)
	files := watched.Files{Resources: fstest.MapFS{
		"both": {Data: []byte("resource")}, "sub/resource": {Data: []byte("resource")},
	}}
	for name, want := range map[string]string{
		"both": "resource", "./both": "resource", "sub/resource": "resource", "sub//resource": "resource", "file": "file", absolute: "file",
	} {
		value, err := watched.Read(files, join, name)
		require.NoError(t, err)
		assert.Equal(t, want, value.Get(), name)
	}
}

// One of many looks, and nobody waits for it.
func TestOneLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		write(t, path, "0")
		parsing, release, looks := make(chan struct{}), make(chan struct{}), 0
		value, err := watched.Read(watched.Files{Logger: slog.New(slog.DiscardHandler)}, func(contents [][]byte) (string, error) {
			if looks++; looks > 1 {
				close(parsing)
				<-release
			}
			return string(contents[0]), nil
		}, path)
		require.NoError(t, err)
		write(t, path, "one")
		time.Sleep(time.Second)
		var looking sync.WaitGroup
		looking.Go(func() { assert.Equal(t, "one", value.Get()) })
		<-parsing
		for range 10 {
			assert.Equal(t, "0", value.Get())
		}
		close(release)
		looking.Wait()
		assert.Equal(t, "one", value.Get())
		assert.Equal(t, 2, looks, fmt.Sprint("looks: ", looks))
	})
}
