package embedded_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
)

func start(t *testing.T, configure ...func(*embedded.Config)) *embedded.Server {
	t.Helper()
	server, err := embedded.Start(configure...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close(context.Background())) })
	return server
}

func TestServerHasNoPort(t *testing.T) {
	t.Parallel()
	server := start(t)
	require.Empty(t, server.URL())
	conn, err := server.Connect()
	require.NoError(t, err)
	defer conn.Close()
	require.True(t, conn.IsConnected())
}

func TestListen(t *testing.T) {
	t.Parallel()
	server := start(t, func(c *embedded.Config) { c.Listen = "127.0.0.1:0" })
	broker, err := nats.Connect(t.Context(), server.URL(), func(c *nats.Config) { c.Memory = true })
	require.NoError(t, err)
	position, err := broker.Publish(t.Context(), "a", []byte("x"))
	require.NoError(t, err)
	require.NoError(t, broker.Close(t.Context()))
	own, err := server.Broker(t.Context())
	require.NoError(t, err)
	last, err := own.Last(t.Context())
	require.NoError(t, err)
	require.Equal(t, position, last)
}

func TestDirectoryOutlivesTheServer(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "made", "by the server")
	inDirectory := func(c *embedded.Config) { c.Directory, c.SyncAlways = directory, true }
	first := start(t, inDirectory)
	broker, err := first.Broker(t.Context())
	require.NoError(t, err)
	begin, err := broker.Last(t.Context())
	require.NoError(t, err)
	position, err := broker.Publish(t.Context(), "a", []byte("x"))
	require.NoError(t, err)
	require.NoError(t, first.Close(t.Context()))

	broker, err = start(t, inDirectory).Broker(t.Context())
	require.NoError(t, err)
	for message, err := range broker.Range(t.Context(), begin, 10, []string{"a"}) {
		require.NoError(t, err)
		require.Equal(t, sse.Message{Position: position, Topic: "a", Data: []byte("x")}, message)
	}
	last, err := broker.Last(t.Context())
	require.NoError(t, err)
	require.Equal(t, position, last)
}

func TestDirectoryIsForOneServer(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	inDirectory := func(c *embedded.Config) { c.Directory = directory }
	first := start(t, inDirectory)
	_, err := embedded.Start(inDirectory)
	require.ErrorContains(t, err, "start NATS: another server uses the directory "+directory)
	require.NoError(t, first.Close(t.Context()))
	start(t, inDirectory)
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, c := range map[string]struct {
		configure func(*embedded.Config)
		says      string
	}{
		"nil":                   {nil, "start NATS: configure: the configuration function is nil"},
		"syncing memory":        {func(c *embedded.Config) { c.SyncAlways = true }, "SyncAlways needs a Directory"},
		"no port":               {func(c *embedded.Config) { c.Listen = "localhost" }, "missing port"},
		"no number":             {func(c *embedded.Config) { c.Listen = "localhost:http" }, `the port of "localhost:http"`},
		"a port that is taken":  {func(c *embedded.Config) { c.Listen = listener.Addr().String() }, "address already in use"},
		"a file":                {func(c *embedded.Config) { c.Directory = file }, "not a directory"},
		"options of the server": {func(c *embedded.Config) { c.Options = func(o *server.Options) { o.JetStream = false } }, "JetStream is not enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := embedded.Start(c.configure)
			require.ErrorContains(t, err, c.says)
			require.Nil(t, server)
		})
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("TMP", temporary)
	server, err := embedded.Start()
	require.NoError(t, err)
	entries, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	broker, err := server.Broker(t.Context())
	require.NoError(t, err)
	last, err := broker.Last(t.Context())
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		for _, err := range broker.Subscribe(t.Context(), last) {
			ended <- err
		}
	}()
	require.NoError(t, server.Close(t.Context()))
	require.Error(t, <-ended)
	require.NoError(t, server.Close(t.Context()), "once more")
	_, err = broker.Publish(t.Context(), "a", []byte("x"))
	require.ErrorIs(t, err, natsgo.ErrConnectionClosed)
	_, err = server.Broker(t.Context())
	require.Error(t, err)
	entries, err = os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestWarningsAreLogged(t *testing.T) {
	t.Parallel()
	var output bytes.Buffer
	server := start(t, func(c *embedded.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&output, nil))
		c.Options = func(o *server.Options) { o.MaxPayload = 16 << 20 } // more than NATS advises
	})
	require.NoError(t, server.Close(t.Context()))
	require.Contains(t, output.String(), `level=WARN msg="NATS: `)
	require.NotContains(t, output.String(), "level=INFO")
}
