package engine_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

func TestStopBeforeStart(t *testing.T) {
	listener := memnet.Listen()
	server := engine.EmbeddedServer(answer(hello), engine.Listener(listener), quiet)
	require.NoError(t, server.Stop(t.Context()))
	requireClosed(t, listener)
	require.NoError(t, server.Wait())
	require.ErrorContains(t, server.Start(t.Context()), "started or stopped before")
	require.NoError(t, server.Stop(t.Context()))
}

func TestStopAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		server, _ := start(t, func(a *app.Application) {
			a.OnStop(func(context.Context) error { time.Sleep(3 * time.Second); return broken })
		})
		waited, first, second := make(chan error, 1), make(chan error, 1), make(chan error, 1)
		go func() { waited <- server.Wait() }()
		go func() { first <- server.Stop(t.Context()) }()
		synctest.Wait()
		go func() { second <- server.Stop(t.Context()) }()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, server.Stop(impatient), context.DeadlineExceeded)
		require.Empty(t, waited)

		began := time.Now()
		require.NoError(t, <-second)
		require.Equal(t, 2*time.Second, time.Since(began))
		require.ErrorIs(t, <-first, broken)
		require.NoError(t, <-waited)
		require.NoError(t, server.Stop(t.Context()))
	})
}

func TestStopWhileStarting(t *testing.T) {
	cases := []struct {
		name string
		// start starts a server and has stop called meanwhile.
		start func(t *testing.T, listener net.Listener, stop func(*engine.Server)) error
	}{
		{"in a start hook", func(t *testing.T, listener net.Listener, stop func(*engine.Server)) error {
			var server *engine.Server
			server = engine.EmbeddedServer(func(a *app.Application) {
				a.OnStart(func(context.Context) error {
					go stop(server)
					synctest.Wait()
					return nil
				})
			}, engine.Listener(listener), quiet)
			return server.Start(t.Context())
		}},
		{"when it binds", func(t *testing.T, listener net.Listener, stop func(*engine.Server)) error {
			var server *engine.Server
			server = engine.EmbeddedServer(answer(hello), engine.Listener(&interrupted{listener, func() { stop(server) }}), quiet)
			return server.Start(t.Context())
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := memnet.Listen()
				stopped := make(chan error, 1)
				err := c.start(t, listener, func(server *engine.Server) { stopped <- server.Stop(t.Context()) })
				require.ErrorIs(t, err, app.ErrStopping)
				require.NoError(t, <-stopped)
				requireClosed(t, listener)
			})
		})
	}
}

// interrupted is a listener that calls a function when it is asked for its
// address.
type interrupted struct {
	net.Listener
	call func()
}

func (i *interrupted) Addr() net.Addr {
	i.call()
	return i.Listener.Addr()
}

func TestWaitReturnsWhenAListenerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing := memnet.Listen()
		server, other := start(t, answer(hello), engine.Listener(failing))
		waited := make(chan error, 1)
		go func() { waited <- server.Wait() }()
		synctest.Wait()
		require.Empty(t, waited)

		require.NoError(t, failing.Close())
		err := <-waited
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorContains(t, err, "serve http://192.0.2.1:80: ")
		assertServes(t, other)
		require.NoError(t, server.Stop(t.Context()))
		require.Equal(t, err, server.Wait())
	})
}
