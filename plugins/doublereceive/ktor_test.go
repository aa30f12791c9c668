package doublereceive_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/doublereceive"
)

// The tests in this file are Ktor's, under their names: those of
// DoubleReceiveTest, and those of ApplicationRequestContentTest that receive a
// body twice.

func TestInMemoryCache(t *testing.T) {
	content := make([]byte, 1<<20)
	for i := range content {
		content[i] = byte(i)
	}
	response := onCall(t, bytes.NewReader(content), func(c *app.Call) error {
		for range 3 {
			reader, err := app.Receive[io.Reader](c)
			if err != nil {
				return err
			}
			received, err := io.ReadAll(reader)
			if err != nil {
				return err
			}
			assert.True(t, bytes.Equal(content, received))
		}
		return nil
	}, doublereceive.Plugin)
	assert.Equal(t, "OK", apptest.Text(t, response))
}

func TestDoubleReceiveWithNoPlugin(t *testing.T) {
	response := onCall(t, strings.NewReader("bodyContent"), func(c *app.Call) error {
		text, err := c.ReceiveText()
		assert.Equal(t, "bodyContent", text)
		if err != nil {
			return err
		}
		_, err = c.ReceiveText()
		require.ErrorIs(t, err, app.ErrReceived)
		return nil
	})
	assert.Equal(t, "OK", apptest.Text(t, response))
}

func TestDoubleReceiveDifferentTypes(t *testing.T) {
	response := onCall(t, strings.NewReader("bodyContent"), func(c *app.Call) error {
		data, err := c.ReceiveBytes()
		assert.Equal(t, []byte("bodyContent"), data)
		if err != nil {
			return err
		}
		text, err := c.ReceiveText()
		assert.Equal(t, "bodyContent", text)
		if err != nil {
			return err
		}
		reader, err := app.Receive[io.Reader](c)
		if err != nil {
			return err
		}
		line, err := bufio.NewReader(reader).ReadString('\n')
		assert.Equal(t, "bodyContent", line)
		assert.Equal(t, io.EOF, err)
		return nil
	}, doublereceive.Plugin)
	assert.Equal(t, "OK", apptest.Text(t, response))
}

// Ktor has testDoubleReceiveChannels and testDoubleReceiveStreams, which are
// both an io.Reader here.
func TestDoubleReceiveChannelsAndStreams(t *testing.T) {
	response := onCall(t, strings.NewReader("bodyContent"), func(c *app.Call) error {
		for range 2 {
			reader, err := app.Receive[io.Reader](c)
			if err != nil {
				return err
			}
			n, err := io.Copy(io.Discard, reader)
			assert.EqualValues(t, 11, n)
			if err != nil {
				return err
			}
		}
		return nil
	}, doublereceive.Plugin)
	assert.Equal(t, "OK", apptest.Text(t, response))
}

// IntList is a type that the test below cannot receive.
type IntList []int

func TestDoubleReceiveAfterTransformationFailed(t *testing.T) {
	errSpecial := errors.New("expected error")
	failing := app.NewPlugin("Failing", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCallReceive(func(_ *app.Call, in *app.Incoming) error {
			if _, ok := in.Target.(*IntList); ok {
				return errSpecial
			}
			return nil
		})
		return nil
	})
	response := onCall(t, strings.NewReader("bodyContent"), func(c *app.Call) error {
		for range 2 {
			_, err := app.Receive[IntList](c)
			require.ErrorIs(t, err, errSpecial)
		}
		text, err := c.ReceiveText()
		assert.Equal(t, "bodyContent", text)
		return err
	}, doublereceive.Plugin, failing)
	assert.Equal(t, "OK", apptest.Text(t, response))
}

func TestDoubleReceiveRaceCondition(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		// This is what StatusPages does for a status.
		a.InterceptSend(app.SendAfter, func(c *app.Call, out *app.Outgoing) error {
			received, err := c.ReceiveText()
			out.SetText(fmt.Sprintf("400: %s", received))
			return err
		})
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				c.SetStatus(http.StatusBadRequest)
				return c.RespondText(text)
			}
		})
	})
	var clients sync.WaitGroup
	for i := range 100 {
		clients.Go(func() {
			text := fmt.Sprintf("Hello World %d", i)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host.URL, strings.NewReader(text))
			if !assert.NoError(t, err) {
				return
			}
			response, err := host.Client().Do(request)
			if !assert.NoError(t, err) {
				return
			}
			defer func() { assert.NoError(t, response.Body.Close()) }()
			body, err := io.ReadAll(response.Body)
			assert.NoError(t, err)
			assert.Equal(t, http.StatusBadRequest, response.StatusCode)
			assert.Equal(t, "400: "+text, string(body))
		})
	}
	clients.Wait()
}
