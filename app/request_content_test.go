package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

type intList struct{ values []int }

// receivingIntLists is the transform of Ktor's test: "[1, 2]" becomes a list.
func receivingIntLists(a *app.Application) {
	a.InterceptReceive(app.ReceiveTransform, func(_ *app.Call, in *app.Incoming) error {
		list, wanted := in.Target.(*intList)
		if !wanted {
			return nil
		}
		text, err := io.ReadAll(in.Body)
		if err != nil {
			return err
		}
		for digits := range strings.SplitSeq(strings.Trim(string(text), "[]"), ", ") {
			value, err := strconv.Atoi(digits)
			if err != nil {
				return app.NewError(http.StatusBadRequest, "no list of numbers")
			}
			list.values = append(list.values, value)
		}
		in.Done = true
		return nil
	})
}

// TestKtorApplicationRequestContentTest: that which is about DoubleReceive is
// with that plugin, what is about forms with them.
func TestKtorApplicationRequestContentTest(t *testing.T) {
	lists := func(c *app.Call) error {
		list, err := app.Receive[intList](c)
		if err != nil {
			return err
		}
		return c.RespondText(fmt.Sprint(list.values))
	}
	gets := func(contentType, sent string, status int, want string) func(t *testing.T, host *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			expect(t, host.Do(http.MethodGet, "/", strings.NewReader(sent), apptest.Header("Content-Type", contentType)), status, want)
		}
	}
	runKtor(t, map[string]ktorCase{
		"testSimpleStringContent":                   {answering(echoing[string]), gets("text/plain", "bodyContent", 200, "bodyContent")},
		"testSimpleStringContentWithBadContentType": {answering(echoing[string]), gets("...la..la..la", "any", 400, "the Content-Type cannot be read")},
		"testInputStreamContent":                    {answering(echoingReader), gets("text/plain", "bodyContent", 200, "bodyContent")},
		"testCustomTransform":                       {func(a *app.Application) { receivingIntLists(a); answering(lists)(a) }, gets("", "[1, 2, 3, 4]", 200, "[1 2 3 4]")},
		"testReceiveUnsupportedTypeFailing":         {answering(lists), gets("", "[1, 2]", 500, "Internal Server Error")},
		"testReceiveUnsupportedTypeNotFailing": {answering(func(c *app.Call) error {
			_, err := app.Receive[intList](c)
			return c.RespondText(fmt.Sprint(err == nil))
		}), gets("", "[1, 2]", 200, "false")},
		"testDoubleReceiveWithNoPlugin": {answering(func(c *app.Call) error {
			first, err := c.ReceiveText()
			_, again := c.ReceiveText()
			assert.ErrorIs(t, again, app.ErrReceived)
			return errors.Join(err, c.RespondText(first))
		}), gets("text/plain", "bodyContent", 200, "bodyContent")},
	})
}

// TestReceiveOfEachKind: plugins see every receive, and only a reader has no
// limit.
func TestReceiveOfEachKind(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		receive     func(c *app.Call) error
		contentType string
		short, long string
	}{
		"text":  {func(c *app.Call) error { _, err := c.ReceiveText(); return err }, "text/plain", "12345", "123456"},
		"bytes": {func(c *app.Call) error { _, err := c.ReceiveBytes(); return err }, "", "12345", "123456"},
		"form":  {func(c *app.Call) error { _, err := c.ReceiveForm(); return err }, urlEncoded, "a=123", "a=1234"},
		"value": {func(c *app.Call) error { _, err := app.Receive[intList](c); return err }, "", "[1, 2]"[:5], "[1, 23]"},
		"multipart": {func(c *app.Call) error {
			for _, err := range c.ReceiveMultipart() {
				return err
			}
			return nil
		}, formData, "--b--", "--b\r\n\r\n1\r\n--b--"},
		"reader": {func(c *app.Call) error { _, err := app.Receive[io.Reader](c); return err }, "", "12345", "123456"},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.BodyLimit = 5 })
				a.InterceptReceive(app.ReceiveBefore, func(_ *app.Call, in *app.Incoming) error {
					seen.add(fmt.Sprintf("%T", in.Target))
					return nil
				})
				receivingIntLists(a)
			}, answering(func(c *app.Call) error { return errors.Join(kind.receive(c), c.RespondText("")) }))
			status := http.StatusOK
			assert.Equal(t, status, post(t, a, kind.short, "Content-Type", kind.contentType).StatusCode)
			if name != "multipart" && name != "reader" {
				status = http.StatusRequestEntityTooLarge
			}
			assert.Equal(t, status, post(t, a, kind.long, "Content-Type", kind.contentType).StatusCode)
			assert.Len(t, seen.all(), 2)
		})
	}
}

// TestBodyThatCannotBeRead: whose fault it is.
func TestBodyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		status int
	}{
		"breaks off":        {io.ErrUnexpectedEOF, 400},
		"broken connection": {errors.New("connection reset by peer"), 400},
		"time-out":          {os.ErrDeadlineExceeded, 408},
		"end of a deadline": {context.DeadlineExceeded, 504},
		"application stops": {app.ErrStopping, 503},
		"error with status": {app.NewError(418, "tea"), 418},
		"limit":             {fmt.Errorf("inflate: %w", &http.MaxBytesError{Limit: 1}), 413},
	} {
		for kind, receive := range map[string]func(c *app.Call) error{
			"text":  func(c *app.Call) error { _, err := c.ReceiveText(); return err },
			"bytes": func(c *app.Call) error { _, err := c.ReceiveBytes(); return err },
			"parts": func(c *app.Call) error {
				for _, err := range c.ReceiveMultipart() {
					return err
				}
				return nil
			},
			"form":    func(c *app.Call) error { _, err := c.ReceiveForm(); return err },
			"request": func(c *app.Call) error { _, err := io.Copy(io.Discard, c.Request.Body); return err },
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				logs := &logbook{}
				a := start(t, logs.module, answering(receive))
				r := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(io.MultiReader(strings.NewReader("--b"), iotest.ErrReader(test.err))))
				r.Header.Set("Content-Type", formData)
				response := do(t, a, r)
				assert.Equal(t, test.status, response.StatusCode)
				if test.status != 418 {
					assert.NotContains(t, body(t, response), test.err.Error())
				}
				require.Len(t, logs.all(), 1)
				assert.Equal(t, test.status >= 500, logs.all()[0].level == slog.LevelError, "what clients do wrong is no error of the server's")
			})
		}
	}
}

// TestAbortWhileReceiving: http.ErrAbortHandler is passed through.
func TestAbortWhileReceiving(t *testing.T) {
	t.Parallel()
	a := start(t, answering(echoing[string]))
	r := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(iotest.ErrReader(http.ErrAbortHandler)))
	assert.True(t, cutsRequest(a, r))
}

// TestReceiveWithoutABody: no body is an empty one.
func TestReceiveWithoutABody(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		received, err := c.ReceiveBytes()
		require.NoError(t, err)
		assert.NotNil(t, received)
		return c.RespondText(fmt.Sprint(len(received)))
	}))
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Body = nil
	assert.Equal(t, "0", body(t, do(t, a, r)))
}

// TestErrorOfAWrongTypeNamesBoth: the type that was sent, and what was wanted.
func TestErrorOfAWrongTypeNamesBoth(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		want    string
	}{
		"form":      {showForm, `receive: "a/b" is not the type of a form`},
		"multipart": {showParts(), `receive: "a/b" is not the type of a multipart body`},
	} {
		logs := &logbook{}
		a := start(t, logs.module, answering(test.handler))
		assert.Equal(t, http.StatusUnsupportedMediaType, post(t, a, "x", "Content-Type", "a/b").StatusCode, name)
		require.Len(t, logs.all(), 1, name)
		assert.Contains(t, logs.all()[0].attributes["error"], test.want, name)
	}
}

// TestReceiveTakesUTF8Alone: which types are text.
func TestReceiveTakesUTF8Alone(t *testing.T) {
	t.Parallel()
	a := start(t, answering(echoing[string]))
	for contentType, status := range map[string]int{
		"":                                   200,
		"text/plain":                         200,
		"application/json":                   200,
		"text/plain; charset=utf-8":          200,
		`TEXT/PLAIN; CHARSET="UTF-8"`:        200,
		"text/plain; charset=US-ASCII":       200,
		"text/plain; charset=ISO-8859-1":     415,
		"text/plain; charset=utf-16":         415,
		"text":                               400,
		"text/":                              400,
		"text/plain; charset=a; charset=b":   400,
		"text/plain; charset=\"unterminated": 400,
	} {
		assert.Equal(t, status, post(t, a, "x", "Content-Type", contentType).StatusCode, contentType)
	}
}
