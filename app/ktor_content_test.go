package app_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// TestKtorContentTestSuite_answers: bodies that leave.
func TestKtorContentTestSuite_answers(t *testing.T) {
	binary := []byte{25, 37, 42}
	octets := func(t *testing.T, host *apptest.Host) {
		response := host.Get("/")
		expect(t, response, http.StatusOK, string(binary))
		assert.Equal(t, "application/octet-stream", response.Header.Get("Content-Type"))
	}
	long := strings.Repeat("test", 100)
	// As in Ktor's tests, the file is one of these sources, and the resource is
	// in an archive.
	source, err := os.ReadFile("ktor_content_test.go")
	require.NoError(t, err)
	class := "\xca\xfe\xba\xbe" + strings.Repeat("\x00", 1000)
	file := func(files fs.FS, name, want string) ktorCase {
		return ktorCase{answering(func(c *app.Call) error { return c.RespondFile(files, name) }), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			assert.Equal(t, strconv.Itoa(len(want)), response.Header.Get("Content-Length"))
			expect(t, response, http.StatusOK, want)
		}}
	}
	reads := func(read func() io.Reader) app.Module {
		return answering(func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/plain")
			return c.Respond(read())
		})
	}
	var started chan struct{} // of the case that runs
	runKtor(t, map[string]ktorCase{
		"testTextContent": {answering(func(c *app.Call) error { return c.Respond("test") }), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			expect(t, response, http.StatusOK, "test")
			assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
			assert.Equal(t, "4", response.Header.Get("Content-Length"))
		}},
		"testSendTextWithContentType": {answering(text("Hello")), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			expect(t, response, http.StatusOK, "Hello")
			assert.Contains(t, response.Header.Get("Content-Type"), "text/plain")
		}},
		"testStream":        {answering(writing(true, "ABC", "123")), gets("/", http.StatusOK, "ABC123")},
		"testStreamNoFlush": {answering(writing(false, "ABC", "123")), gets("/", http.StatusOK, "ABC123")},
		"testBinary":        {answering(writing(false, "\x19", "%", "*")), octets},
		"testBinaryUsingChannel": {answering(func(c *app.Call) error {
			_, err := c.Writer().Write(binary)
			return err
		}), octets},
		"testLocalFileContent":             file(nil, "ktor_content_test.go", string(source)),
		"testJarFileContent":               file(archive(t, "java/util/ArrayList.class", class), "java/util/ArrayList.class", class),
		"respondSourceFromInputStream raw": {reads(func() io.Reader { return strings.NewReader(long) }), gets("/", http.StatusOK, long)},
		"respondSourceFromInputStream buffered": {reads(func() io.Reader {
			return bufio.NewReader(strings.NewReader(long))
		}), gets("/", http.StatusOK, long)},
		"respondSourceFromInputStream truncated": {answering(func(c *app.Call) error {
			c.Header().Set("Content-Length", "20")
			return c.Respond(io.LimitReader(strings.NewReader(long), 20))
		}), gets("/", http.StatusOK, long[:20])},
		"outputStreamIsStreamedToConsumer": {answering(func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				_, err := io.WriteString(w, "first")
				err = errors.Join(err, http.NewResponseController(w).Flush())
				<-started
				return err
			}))
		}), func(t *testing.T, host *apptest.Host) {
			started = make(chan struct{})
			response := host.Get("/")
			first := make([]byte, 5)
			_, err := io.ReadFull(response.Body, first)
			require.NoError(t, err)
			close(started) // the handler goes on only now
			assert.Equal(t, "first", string(first))
			assert.Empty(t, apptest.Text(t, response))
		}},
	})
}

// archive returns a ZIP archive with one file.
func archive(t *testing.T, name, content string) fs.FS {
	t.Helper()
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	entry, err := writer.Create(name)
	require.NoError(t, err)
	_, err = io.WriteString(entry, content)
	require.NoError(t, errors.Join(err, writer.Close()))
	reader, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	require.NoError(t, err)
	return reader
}

// TestKtorContentTestSuite_requests: bodies that arrive.
func TestKtorContentTestSuite_requests(t *testing.T) {
	posts := func(contentType, sent string, status int, want string) func(t *testing.T, host *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			expect(t, host.Post("/", contentType, strings.NewReader(sent)), status, want)
		}
	}
	runKtor(t, map[string]ktorCase{
		"testRequestContentFormData": {answering(func(c *app.Call) error {
			form, err := c.ReceiveForm()
			return errors.Join(err, c.RespondText(form.Encode()))
		}), func(t *testing.T, host *apptest.Host) {
			posts("application/x-www-form-urlencoded", "a=1", http.StatusOK, "a=1")(t, host)
			assert.Equal(t, http.StatusUnsupportedMediaType, host.Get("/").StatusCode)
		}},
		"testRequestBodyAsyncEcho": {answering(func(c *app.Call) error {
			received, err := c.ReceiveBytes()
			return errors.Join(err, c.Respond(bytes.NewReader(received)))
		}), posts("text/plain", "POST test\nAnother line", http.StatusOK, "POST test\nAnother line")},
		"testEchoBlocking":              {answering(echoingReader), posts("", "POST content", http.StatusOK, "POST content")},
		"testRequestContentString":      {answering(echoing[string]), posts("text/plain", "Hello", http.StatusOK, "Hello")},
		"testReceiveInputStream":        {answering(echoingReader), posts("text/plain", "Hello", http.StatusOK, "Hello")},
		"testRequestContentInputStream": {answering(echoing[[]byte]), posts("text/plain", "Hello", http.StatusOK, "Hello")},
		"testAccessingQueryParameterWithoutValue": {answering(func(c *app.Call) error {
			return c.RespondText(fmt.Sprintf("%q %t", c.QueryParam("auto"), c.Query().Has("auto")))
		}), gets("/?auto", http.StatusOK, `"" true`)},
		"testReceivingBodyWithContentLengthMoreThanMaxInt": {answering(func(c *app.Call) error {
			_, err := app.Receive[io.Reader](c)
			return errors.Join(err, c.RespondText(fmt.Sprint(c.Request.ContentLength)))
		}), func(t *testing.T, host *apptest.Host) {
			answer := raw(t, host, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2147483648\r\nConnection: close\r\n\r\nx")
			assert.Contains(t, answer, "200 OK")
			assert.Contains(t, answer, "2147483648")
		}},
		"funkyChunked": {answering(echoing[string]), func(t *testing.T, host *apptest.Host) {
			// An extension of a chunk that breaks its line is a way to smuggle
			// requests; net/http reads to the end of the line.
			answer := raw(t, host, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"+
				"5;ext=\"pwned\r\nlol\"\r\nhello\r\n0\r\n\r\n")
			assert.Contains(t, answer, "400 Bad Request")
			answer = raw(t, host, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"+
				"5;ext=\"harmless\"\r\nhello\r\n0\r\n\r\n")
			assert.Contains(t, answer, "200 OK")
			assert.Contains(t, answer, "hello")
		}},
	})
}

// TestKtorContentTestSuite_testChunked: which bodies declare their length.
func TestKtorContentTestSuite_testChunked(t *testing.T) {
	data := bytes.Repeat([]byte{0, 1, 2, 3}, 4<<10)
	answers := map[string]struct {
		handler app.Handler
		length  int64
	}{
		"array":         {func(c *app.Call) error { return c.RespondBytes(data) }, int64(len(data))},
		"array-chunked": {func(c *app.Call) error { _, err := c.Writer().Write(data); return err }, -1},
		"chunked":       {writing(false, string(data)), -1},
		"read-channel":  {func(c *app.Call) error { return c.Respond(bytes.NewReader(data)) }, -1},
		"fixed-read-channel": {func(c *app.Call) error {
			c.Header().Set("Content-Length", "16384")
			return c.Respond(bytes.NewReader(data))
		}, 16384},
		"pseudo-chunked": {func(c *app.Call) error {
			c.Header().Set("Content-Length", "16384")
			return writing(false, string(data))(c)
		}, 16384},
	}
	cases := map[string]ktorCase{}
	for name, answer := range answers {
		cases[name] = ktorCase{answering(answer.handler), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			assert.Equal(t, answer.length, response.ContentLength)
			assert.Equal(t, answer.length < 0 && response.ProtoMajor == 1, len(response.TransferEncoding) == 1)
			assert.Equal(t, string(data), apptest.Text(t, response))
		}}
	}
	runKtor(t, cases)
}
