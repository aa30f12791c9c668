package app_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestADeclaredLengthIsTrue: what is handed over as a value is as long as it is,
// and a length that was declared of it is put right. What a handler writes and
// what it has declared differ by a mistake of its own: it is an error in the
// log, and 500, or cut if the head has left.
func TestADeclaredLengthIsTrue(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte(strings.Repeat("x", 1000)), 0o600))
	const (
		right = "200" // put right
		fails = "500"
		cut   = "cut"
	)
	for name, test := range map[string]struct {
		length  int
		answer  app.Handler
		tooLong string // what comes of it if less was declared than is written
		less    string // if more was declared
	}{
		"text":       {11, text("hello world"), right, right},
		"bytes":      {11, func(c *app.Call) error { return c.RespondBytes([]byte("hello world")) }, right, right},
		"long bytes": {3000, func(c *app.Call) error { return c.RespondBytes(make([]byte, 3000)) }, right, right},
		"file":       {1000, func(c *app.Call) error { return c.RespondFile(nil, name) }, right, right},
		"flushed text": {11, func(c *app.Call) error {
			return errors.Join(c.RespondText("hello world"), flushing(c))
		}, right, right},
		"reader":          {11, func(c *app.Call) error { return c.Respond(strings.NewReader("hello world")) }, right, right},
		"long reader":     {1000, func(c *app.Call) error { return c.Respond(strings.NewReader(strings.Repeat("x", 1000))) }, cut, cut},
		"written":         {11, writes("hello world"), fails, fails},
		"written at once": {1000, writes(strings.Repeat("x", 1000)), cut, cut},
		"written, and nobody looks at the error": {1000, func(c *app.Call) error {
			_ = writes(strings.Repeat("x", 600))(c)
			_ = writes(strings.Repeat("x", 400))(c)
			return nil
		}, cut, cut},
		"flushed": {11, func(c *app.Call) error { return errors.Join(writes("hello ")(c), flushing(c), writes("world")(c)) }, cut, cut},
		"mounted": {11, app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello world")
		})), fails, fails},
		"file by io.Copy": {1000, func(c *app.Call) error {
			file, err := os.Open(name)
			if err != nil {
				return err
			}
			defer file.Close()
			_, err = io.Copy(c.Writer(), file)
			return err
		}, cut, cut},
		"nothing": {0, func(c *app.Call) error { c.Writer().WriteHeader(http.StatusOK); return nil }, right, fails},
	} {
		for wrapped, module := range map[string]app.Module{"": using(), ", wrapped": using(wrappingWriter)} {
			for declared, want := range map[int]string{
				max(0, test.length-1): test.tooLong, test.length: right, test.length + 1: test.less,
			} {
				t.Run(name+wrapped+" "+strconv.Itoa(declared), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						logs := &logbook{}
						client := serve(t, start(t, logs.module, module, answering(func(c *app.Call) error {
							c.Header().Set("Content-Length", strconv.Itoa(declared))
							return test.answer(c)
						})))
						got := cut
						response, err := client.Get("http://test/")
						if err == nil {
							var data []byte
							data, err = io.ReadAll(response.Body)
							require.NoError(t, response.Body.Close())
							if err == nil {
								got = strconv.Itoa(response.StatusCode)
								assert.Len(t, data, int(response.ContentLength))
							}
							if got == right {
								assert.Len(t, data, test.length)
							}
						}
						assert.Equal(t, want, got)
						synctest.Wait()
						if want == right {
							assert.Empty(t, logs.at(slog.LevelError))
						} else {
							require.Len(t, logs.at(slog.LevelError), 1, "a mistake of the handler")
							assert.Contains(t, logs.at(slog.LevelError)[0].attributes["error"], strconv.Itoa(declared))
						}
					})
				})
			}
		}
	}
}
