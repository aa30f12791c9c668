package app_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// receiving returns a module whose handler receives a T and answers with it as
// text.
func receiving[T any](show func(T) string) app.Module {
	return answering(func(c *app.Call) error {
		value, err := app.Receive[T](c)
		if err != nil {
			return err
		}
		return c.RespondText(show(value))
	})
}

func same(text string) string { return text }

func TestReceiveOfTextBytesAndReaders(t *testing.T) {
	t.Parallel()
	type point struct{ X int }
	for name, test := range map[string]struct {
		module app.Module
		body   string
		header []string
		status int
		text   string
	}{
		"text":                  {receiving(same), "hello", nil, 200, "hello"},
		"empty text":            {receiving(same), "", nil, 200, ""},
		"bytes":                 {receiving(func(b []byte) string { return string(b) }), "hello", nil, 200, "hello"},
		"reader":                {receiving(func(r io.Reader) string { data, _ := io.ReadAll(r); return string(data) }), "hello", nil, 200, "hello"},
		"UTF-8":                 {receiving(same), "hello", []string{"Content-Type", "text/plain; charset=UTF-8"}, 200, "hello"},
		"UTF-8 without a dash":  {receiving(same), "hello", []string{"Content-Type", "text/plain; charset=UTF8"}, 200, "hello"},
		"another charset":       {receiving(same), "hello", []string{"Content-Type", "text/plain; charset=koi8-r"}, 415, "the charset is not UTF-8"},
		"unreadable type":       {receiving(same), "hello", []string{"Content-Type", "a/b; c"}, 400, "the Content-Type cannot be read"},
		"a value":               {receiving(func(point) string { return "" }), "hello", nil, 500, "Internal Server Error"},
		"over the limit":        {receiving(same), "hello!", nil, 413, "Request Entity Too Large"},
		"reader over the limit": {receiving(func(r io.Reader) string { data, _ := io.ReadAll(r); return string(data) }), "hello!", nil, 200, "hello!"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, test.module, func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.BodyLimit = 5 })
			})
			response := post(t, a, test.body, test.header...)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, body(t, response))
		})
	}
}

func TestReceiveLimitIsOneMebibyteOrNone(t *testing.T) {
	t.Parallel()
	length := func(text string) string { return http.StatusText(200 + len(text)>>30) }
	a := start(t, receiving(length))
	assert.Equal(t, http.StatusOK, post(t, a, strings.Repeat("x", 1<<20)).StatusCode)
	assert.Equal(t, http.StatusRequestEntityTooLarge, post(t, a, strings.Repeat("x", 1<<20+1)).StatusCode)
	a = start(t, receiving(length), func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.BodyLimit = 0 })
	})
	assert.Equal(t, http.StatusOK, post(t, a, strings.Repeat("x", 2<<20)).StatusCode)
}

// TestLimitOfOneByteIsALimit: 0 alone stands for none.
func TestLimitOfOneByteIsALimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler           app.Handler
		contentType, sent string
		status            int
	}{
		"text":             {echoing[string], "", "x", 200},
		"longer text":      {echoing[string], "", "xx", 413},
		"form":             {showForm, urlEncoded, "a", 200},
		"longer form":      {showForm, urlEncoded, "a=", 413},
		"field":            {showForm, formData, form(`name="a"`, ""), 413},
		"part":             {showParts(), formData, form(`name="a"`, "x"), 200},
		"longer part":      {showParts(), formData, form(`name="a"`, "xx"), 413},
		"part, own limit":  {showPartsUpTo(1), formData, form(`name="a"`, "x"), 200},
		"longer, its own":  {showPartsUpTo(1), formData, form(`name="a"`, "xx"), 413},
		"longer file":      {showForm, formData, form(`name="a"; filename="f"`, "xx"), 413},
		"file of one byte": {showForm, formData, form(`name="a"; filename="f"`, "x"), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, answering(test.handler), func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.BodyLimit, c.PartLimit = 1, 1 })
			})
			assert.Equal(t, test.status, post(t, a, test.sent, "Content-Type", test.contentType).StatusCode)
		})
	}
}

func TestSecondReceiveIsAnError(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		first, err := c.ReceiveBytes()
		require.NoError(t, err)
		assert.Equal(t, "hello", string(first))
		_, err = c.ReceiveText()
		require.ErrorIs(t, err, app.ErrReceived)
		return err
	}))
	assert.Equal(t, http.StatusInternalServerError, post(t, a, "hello").StatusCode)
}

// TestReceiveStepsRunInOrder: and Transform ends with the hook that has filled
// the target.
func TestReceiveStepsRunInOrder(t *testing.T) {
	t.Parallel()
	var seen journal
	step := func(name string, done bool) app.ReceiveHook {
		return func(_ *app.Call, in *app.Incoming) error {
			seen.add(name)
			if done {
				in.Done = true
				*in.Target.(*string) = "from " + name
			}
			return nil
		}
	}
	a := start(t, func(a *app.Application) {
		a.InterceptReceive(app.ReceiveAfter, step("after", false))
		a.InterceptReceive(app.ReceiveTransform, step("transform", false))
		a.Install(app.NewPlugin("Receiving", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.OnCallReceive(step("plugin", true))
			return nil
		}))
		a.InterceptReceive(app.ReceiveTransform, step("not asked", true))
		a.InterceptReceive(app.ReceiveBefore, step("before", false))
	}, receiving(same))
	assert.Equal(t, "from plugin", body(t, post(t, a, "hello")))
	assert.Equal(t, []string{"before", "transform", "plugin", "after"}, seen.all())
}

// TestReceiveAfterSeesAFilledTarget: Done says so, whatever has filled it.
func TestReceiveAfterSeesAFilledTarget(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{"text": echoing[string], "bytes": echoing[[]byte], "reader": echoingReader} {
		var done bool
		a := start(t, answering(handler), func(a *app.Application) {
			a.InterceptReceive(app.ReceiveAfter, func(_ *app.Call, in *app.Incoming) error { done = in.Done; return nil })
		})
		assert.Equal(t, "hello", body(t, post(t, a, "hello")), name)
		assert.True(t, done, name)
	}
}

// TestReceiveLimitCountsDecodedBytes: the limit counts what is left after the
// hooks that come before.
func TestReceiveLimitCountsDecodedBytes(t *testing.T) {
	t.Parallel()
	repeat := func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.BodyLimit = 10 })
		a.InterceptReceive(app.ReceiveBefore, func(_ *app.Call, in *app.Incoming) error {
			assert.False(t, in.Gone())
			data, err := io.ReadAll(in.Body)
			in.Body = bytes.NewReader(bytes.Repeat(data, 3))
			return err
		})
	}
	a := start(t, repeat, receiving(same))
	assert.Equal(t, "abcabcabc", body(t, post(t, a, "abc")))
	assert.Equal(t, http.StatusRequestEntityTooLarge, post(t, a, "abcd").StatusCode)
}

func TestErrorOfAReceiveHookIsTheReceives(t *testing.T) {
	t.Parallel()
	for _, step := range []app.ReceiveStep{app.ReceiveBefore, app.ReceiveTransform, app.ReceiveAfter} {
		a := start(t, func(a *app.Application) {
			a.InterceptReceive(step, func(*app.Call, *app.Incoming) error { return app.NewError(http.StatusConflict, "no") })
		}, receiving(same))
		assert.Equal(t, http.StatusConflict, post(t, a, "hello").StatusCode)
	}
}

// TestReceiveHookPutsABodyBack: so that it can be received once more.
func TestReceiveHookPutsABodyBack(t *testing.T) {
	t.Parallel()
	a := start(t, func(a *app.Application) {
		a.InterceptReceive(app.ReceiveBefore, func(c *app.Call, in *app.Incoming) error {
			if kept, ok := nameKey.Get(c); ok {
				assert.True(t, in.Gone())
				_, err := in.Body.Read(make([]byte, 1))
				assert.ErrorIs(t, err, app.ErrReceived)
				in.Body = strings.NewReader(kept)
				return nil
			}
			data, err := io.ReadAll(in.Body)
			nameKey.Set(c, string(data))
			in.Body = bytes.NewReader(data)
			return err
		})
	}, answering(func(c *app.Call) error {
		first, err := c.ReceiveText()
		require.NoError(t, err)
		second, err := c.ReceiveText()
		require.NoError(t, err)
		return c.RespondText(first + second)
	}))
	assert.Equal(t, "hellohello", body(t, post(t, a, "hello")))
}
