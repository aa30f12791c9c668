package app_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// TestKtorRespondFunctionsTest has the cases of RespondFunctionsJvmTest, too.
func TestKtorRespondFunctionsTest(t *testing.T) {
	ten := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	sends := func(contentType, length, want string) func(t *testing.T, host *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			expect(t, response, http.StatusOK, want)
			assert.Equal(t, length, response.Header.Get("Content-Length"))
			assert.Equal(t, contentType, response.Header.Get("Content-Type"))
		}
	}
	withType := func(contentType string, respond app.Handler) app.Handler {
		return func(c *app.Call) error {
			c.Header().Set("Content-Type", contentType)
			return respond(c)
		}
	}
	twoBytes := answering(func(c *app.Call) error {
		c.Header().Set("Content-Length", "2")
		return c.Respond(app.Stream(func(w http.ResponseWriter) error {
			_, err := w.Write([]byte{1})
			_, err2 := w.Write([]byte{2})
			return errors.Join(err, err2)
		}))
	})
	directory := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(directory, "test-resource.txt"), []byte("plain"), 0o600))
	file := func(respond func(c *app.Call) error) ktorCase {
		return ktorCase{answering(respond), sends("text/plain; charset=utf-8", "5", "plain")}
	}
	root, err := os.OpenRoot(directory)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, root.Close()) })
	runKtor(t, map[string]ktorCase{
		// Where Ktor sends no type, net/http's is found out from the bytes.
		"testRespondBytes":              {answering(func(c *app.Call) error { return c.RespondBytes(ten) }), sends("application/octet-stream", "10", string(ten))},
		"testRespondBytes without type": {answering(func(c *app.Call) error { c.Header()["Content-Type"] = nil; return c.RespondBytes(ten) }), sends("", "10", string(ten))},
		"testRespondBytes bytes-writer": {twoBytes, sends("application/octet-stream", "2", "\x01\x02")},
		"testRespondWithText json":      {answering(withType("application/json", text("Hello"))), sends("application/json", "5", "Hello")},
		"testRespondWithText text":      {answering(text("Hello")), sends("text/plain; charset=UTF-8", "5", "Hello")},
		// No charset is added to a type that was set.
		"testRespondWithText text, type": {answering(withType("text/plain", text("Hello"))), sends("text/plain", "5", "Hello")},
		"testRespondWithSource": {answering(withType("text/plain", func(c *app.Call) error {
			c.Header().Set("Content-Length", "5")
			return c.Respond(strings.NewReader("Hello"))
		})), sends("text/plain", "5", "Hello")},
		"testRespondFile File-String": file(func(c *app.Call) error { return c.RespondFile(os.DirFS(directory), "test-resource.txt") }),
		"testRespondFile File":        file(func(c *app.Call) error { return c.RespondFile(nil, filepath.Join(directory, "test-resource.txt")) }),
		"testRespondFile Path-Path":   file(func(c *app.Call) error { return c.RespondFile(root.FS(), "test-resource.txt") }),
		"testRespondFile Path": file(func(c *app.Call) error {
			return c.RespondFile(nil, directory+"/../"+filepath.Base(directory)+"/test-resource.txt")
		}),
	})
}

func TestKtorRespondWriteTest(t *testing.T) {
	runKtor(t, map[string]ktorCase{
		"smoke": {answering(writing(false, "OK")), gets("/", 200, "OK")},
		"testFailureInside": {answering(func(c *app.Call) error {
			return c.Respond(app.Stream(func(http.ResponseWriter) error { return errBroken }))
		}), gets("/", 500, "Internal Server Error")}, // 200 there: here nothing has left yet
		"testSuspendInside": {answering(func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				written := make(chan error)
				go func() { _, err := io.WriteString(w, "OK"); written <- err }()
				return <-written
			}))
		}), gets("/", 200, "OK")},
		"testFailureInsideUnresolvedCase": {answering(func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				_, err := io.WriteString(w, "OK")
				err = errors.Join(err, http.NewResponseController(w).Flush())
				time.Sleep(time.Second)
				return errors.Join(err, errBroken)
			}))
		}), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			data, err := io.ReadAll(response.Body)
			assert.Equal(t, 200, response.StatusCode)
			assert.Equal(t, "OK", string(data))
			assert.Error(t, err, "a stream has no end before it ends")
		}},
	})
}

// TestKtorLocalFileContentTest: a file is looked at when it is responded with.
func TestKtorLocalFileContentTest(t *testing.T) {
	directory := t.TempDir()
	for name, modified := range map[string]time.Time{"test.txt": time.Now(), "test-zero-date.txt": time.Unix(0, 0)} {
		path := filepath.Join(directory, name)
		require.NoError(t, os.WriteFile(path, []byte("content"), 0o600))
		require.NoError(t, os.Chtimes(path, modified, modified))
	}
	file := func(name string) app.Module {
		return answering(func(c *app.Call) error { return c.RespondFile(nil, filepath.Join(directory, name)) })
	}
	runKtor(t, map[string]ktorCase{
		"testCreateWithFile":                     {file("test.txt"), gets("/", 200, "content")},
		"testCreateWithFileZeroLastModifiedDate": {file("test-zero-date.txt"), gets("/", 200, "content")},
		// In Ktor: 500.
		"testCreateWithNonExistingFile": {file("test-doesnt-exist/txt"), gets("/", 404, "Not Found")},
	})
}

// TestKtorApplicationResponseFunctionsJvmTest: what resources are to the JVM,
// file systems are to Go.
func TestKtorApplicationResponseFunctionsJvmTest(t *testing.T) {
	resources := fstest.MapFS{
		"testdir/testresource.txt": {Data: []byte("Test resource content")},
		"testdir/test.html":        {Data: []byte("<html></html>")},
		"testdir/test.json":        {Data: []byte("{}")},
		"logback-test.xml":         {Data: []byte("<logback/>")},
	}
	resource := func(name string) app.Module {
		return answering(func(c *app.Call) error { return c.RespondFile(resources, name) })
	}
	is := func(contentType, want string) func(t *testing.T, host *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			response := host.Get("/resource")
			expect(t, response, 200, want)
			assert.Contains(t, response.Header.Get("Content-Type"), contentType)
		}
	}
	runKtor(t, map[string]ktorCase{
		"testRespondResourceWithExistingResource":           {resource("testdir/testresource.txt"), is("text/plain", "Test resource content")},
		"testRespondResourceWithPackage":                    {resource("testdir/testresource.txt"), is("text/plain", "Test resource content")},
		"testRespondResourceWithDifferentContentTypes html": {resource("testdir/test.html"), is("text/html", "<html></html>")},
		"testRespondResourceWithDifferentContentTypes json": {resource("testdir/test.json"), is("application/json", "{}")},
		"testRespondResourceFromRootPackage":                {resource("logback-test.xml"), is("xml", "<logback/>")},
		// In Ktor: 500.
		"testRespondResourceWithNonExistingResource": {resource("nonexistent.txt"), gets("/resource", 404, "Not Found")},
		"testRespondResourceNotFoundWithPackage":     {resource("com.example/testresource.txt"), gets("/resource", 404, "Not Found")},
	})
}

// TestKtorPathNormalizationTest: a name is not made harmless, as there; one
// that leads out, or cannot be, is no file.
func TestKtorPathNormalizationTest(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	inside := filepath.Join(outside, "inside")
	require.NoError(t, os.MkdirAll(filepath.Join(inside, "a"), 0o700))
	for _, name := range []string{"secret.txt", "inside/b.txt", "inside/a/b.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(outside, name), []byte("content of "+name), 0o600))
	}
	require.NoError(t, os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(inside, "link.txt")))
	root, err := os.OpenRoot(inside)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, root.Close()) })
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answering(func(c *app.Call) error {
			if c.QueryParam("fs") == "directory" {
				return c.RespondFile(os.DirFS(inside), c.QueryParam("name"))
			}
			return c.RespondFile(root.FS(), c.QueryParam("name"))
		}))
		for _, fsys := range []string{"directory", "root"} {
			ask := func(name string) *http.Response {
				return host.Get("/?fs=" + fsys + "&name=" + strings.NewReplacer("%", "%25", "\x00", "%00", " ", "%20", "\\", "%5C", "\n", "%0A", ";", "%3B").Replace(name))
			}
			for _, name := range []string{"b.txt", "a/b.txt"} {
				expect(t, ask(name), 200, "content of inside/"+name)
			}
			for kind, names := range map[string][]string{
				"testEmpty":                          {"", ".", "..", "./.", "../.."},
				"testDirUp":                          {"../secret.txt", "a/../b.txt", "a/../../secret.txt", "../inside/b.txt", strings.Repeat("../", 40) + "etc/passwd"},
				"testNoOp":                           {"./b.txt", "a/./b.txt", "a//b.txt", "a/", "b.txt/"},
				"testComponentEndsWith":              {"b.txt.", "b.txt ", "b.txt. "},
				"testComponentWithNull":              {"b.txt\x00", "\x00", "a\x00/b.txt", "b.txt\x00.png"},
				"testComponentWithTilde":             {"~", "~root", "~/b.txt"},
				"testControlCharactersAndProhibited": {"..\\secret.txt", "a\\b.txt", "\\\\server\\share", "C:\\b.txt", "b\n.txt", "*", "?", "|", "b.txt:stream"},
				"testWindowsDeviceNames":             {"CON", "NUL", "com1"},
				"testTrailingSpaces":                 {"a/. /b.txt", "a/.. /b.txt"},
				"absolute":                           {"/etc/passwd", "//etc/passwd", outside + "/secret.txt", inside + "/b.txt"},
				"what is no file":                    {"a", "b.txt/c", strings.Repeat("x", 300), strings.Repeat("x/", 3000), "\xff"},
			} {
				for _, name := range names {
					response := ask(name)
					assert.Equal(t, 404, response.StatusCode, "%s: %q", kind, name)
					assert.Equal(t, "Not Found", apptest.Text(t, response), "%s: %q", kind, name)
				}
			}
		}
		response := host.Get("/?fs=root&name=link.txt")
		assert.Equal(t, 500, response.StatusCode, "os.Root does not follow links that lead out")
		assert.Equal(t, "Internal Server Error", apptest.Text(t, response))
	})
}
