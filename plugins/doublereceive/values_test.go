package doublereceive_test

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/doublereceive"
)

func TestValuesAreKept(t *testing.T) {
	type list struct{ words []string }
	words := app.NewPlugin("Words", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCallReceive(func(_ *app.Call, in *app.Incoming) error {
			target, ok := in.Target.(**list)
			if !ok {
				return nil
			}
			text, err := io.ReadAll(in.Body)
			*target, in.Done = &list{strings.Fields(string(text))}, true
			return err
		})
		return nil
	})
	response := onCall(t, strings.NewReader("two words"), func(c *app.Call) error {
		first, err := app.Receive[*list](c)
		require.NoError(t, err)
		assert.Equal(t, []string{"two", "words"}, first.words)
		second, err := app.Receive[*list](c)
		require.NoError(t, err)
		assert.Same(t, first, second)
		_, err = c.ReceiveText()
		require.ErrorIs(t, err, app.ErrReceived, "another type needs the bytes")
		_, err = app.Receive[io.Reader](c)
		require.ErrorIs(t, err, app.ErrReceived)
		return nil
	}, doublereceive.Plugin.With(func(c *doublereceive.Config) { c.CacheRawRequest = false }), words)
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

// A second reader would go on where the first one is.
func TestReaderIsNotKept(t *testing.T) {
	response := onCall(t, strings.NewReader("text"), func(c *app.Call) error {
		_, err := app.Receive[io.Reader](c)
		require.NoError(t, err)
		_, err = app.Receive[io.Reader](c)
		require.ErrorIs(t, err, app.ErrReceived)
		return nil
	}, doublereceive.Plugin.With(func(c *doublereceive.Config) { c.CacheRawRequest = false }))
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

func TestKeptValueIsACopy(t *testing.T) {
	response := onCall(t, strings.NewReader("text"), func(c *app.Call) error {
		var text string
		require.NoError(t, c.Receive(&text))
		text = "changed"
		again, err := c.ReceiveText()
		require.NoError(t, err)
		assert.Equal(t, "text", again)
		return nil
	}, doublereceive.Plugin.With(func(c *doublereceive.Config) { c.CacheRawRequest = false }))
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

func TestExcludedValueIsNotKept(t *testing.T) {
	response := onCall(t, strings.NewReader("text"), func(c *app.Call) error {
		_, err := c.ReceiveText()
		require.NoError(t, err)
		_, err = c.ReceiveText()
		require.ErrorIs(t, err, app.ErrReceived)
		return nil
	}, doublereceive.Plugin.With(func(c *doublereceive.Config) {
		c.CacheRawRequest = false
		c.Exclude(reflect.TypeFor[string]())
	}))
	assert.Equal(t, http.StatusOK, response.StatusCode)
}
