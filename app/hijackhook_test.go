package app_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

func onHijack(name string, hook app.HijackHook) *app.Plugin[struct{}] {
	return app.NewPlugin(name, func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnHijack(hook)
		return nil
	})
}

// TestAPluginIsToldOfAHijack once, wherever the handler is, and can add to a head
// that the application sends.
func TestAPluginIsToldOfAHijack(t *testing.T) {
	for way, take := range takings() {
		for place, around := range map[string][]func(http.Handler) http.Handler{
			"":                               nil,
			", inside a writer that unwraps": {wrappingWriter},
			", inside a fork":                {throughTakingWriter},
			", inside a fork of a fork":      {throughTakingWriter, throughTakingWriter},
			", inside both":                  {throughTakingWriter, wrappingWriter},
		} {
			t.Run(way+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					told := 0
					host := apptest.Start(t, func(a *app.Application) {
						a.Install(onHijack("Telling", func(_ *app.Call, head http.Header) error {
							told++
							if assert.Equal(t, way == "as coder", head != nil) && head != nil {
								assert.Equal(t, "test", head.Get("Upgrade"))
								head.Add("Set-Cookie", "a=1")
							}
							return nil
						}))
						using(around...)(a)
						answering(func(c *app.Call) error {
							conn, _, err := take(c.Writer())
							assert.NoError(t, err)
							return conn.Close()
						})(a)
					})
					_, reader := dial(t, host, "")
					response, err := http.ReadResponse(reader, nil)
					require.NoError(t, err)
					assert.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
					assert.Equal(t, way == "as coder", response.Header.Get("Set-Cookie") == "a=1")
					synctest.Wait()
					assert.Equal(t, 1, told)
				})
			})
		}
	}
}

// TestAnErrorOfAHijackHookIsThatOfTheHijack, and the call can be answered.
func TestAnErrorOfAHijackHookIsThatOfTheHijack(t *testing.T) {
	errKept := errors.New("the storage is away")
	for name, hook := range map[string]app.HijackHook{
		"an error": func(*app.Call, http.Header) error { return errKept },
		"a panic":  func(*app.Call, http.Header) error { panic(errKept) },
	} {
		for way, take := range takings() {
			t.Run(name+", "+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, func(a *app.Application) {
						a.Install(onHijack("Failing", hook))
						answering(func(c *app.Call) error {
							var err error
							var conn net.Conn
							var buffered *bufio.ReadWriter
							if way == "as a proxy" {
								conn, buffered, err = http.NewResponseController(c.Writer()).Hijack()
							} else {
								conn, buffered, err = take(c.Writer())
							}
							assert.Nil(t, conn)
							assert.Nil(t, buffered)
							require.ErrorIs(t, err, errKept)
							return err
						})(a)
					})
					_, reader := dial(t, host, "")
					response, err := http.ReadResponse(reader, nil)
					require.NoError(t, err)
					assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
					body, err := io.ReadAll(response.Body)
					require.NoError(t, err)
					assert.NotContains(t, string(body), "storage")
				})
			})
		}
	}
}

func TestAnOnHijackHookThatIsNilIsAMistake(t *testing.T) {
	t.Parallel()
	a := app.New(func(a *app.Application) { a.Install(onHijack("Nil", nil)) })
	require.ErrorContains(t, a.Start(t.Context()), "add an OnHijack hook: the hook is nil")
}
