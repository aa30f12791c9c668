package hocon_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/hocon"
)

// environment is that in which all documents are parsed, by the reference too.
func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"PORT": "9090", "HOME": "/home/u", "EMPTY": "", "dotted.name": "dotted", "path": "/env",
	}[name]
	return value, ok
}

// parse parses one of the files, which may include the others.
func parse(name string, files map[string]string) (map[string]any, error) {
	return hocon.Parse(name, []byte(files[name]), hocon.Options{
		Lookup: environment,
		Open: func(name string) ([]byte, error) {
			text, ok := files[name]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return []byte(text), nil
		},
	})
}

// plain returns a tree without its sites.
func plain(value any) any {
	switch value := value.(type) {
	case app.Located:
		return plain(value.Value)
	case map[string]any:
		branch := make(map[string]any, len(value))
		for key, child := range value {
			branch[key] = plain(child)
		}
		return branch
	case []any:
		list := make([]any, len(value))
		for i, child := range value {
			list[i] = plain(child)
		}
		return list
	}
	return value
}

func asJSON(t *testing.T, tree map[string]any) string {
	t.Helper()
	var built bytes.Buffer
	encoder := json.NewEncoder(&built)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(plain(tree)))
	return strings.TrimSpace(built.String())
}

func TestTextIsUTF8(t *testing.T) {
	t.Parallel()
	_, err := parse("main.conf", map[string]string{"main.conf": "a = é\nb = \xff"})
	require.EqualError(t, err, "main.conf:2:5: expected UTF-8, found the byte 0xff")
}
