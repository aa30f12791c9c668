package main

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// withTestServer is Ktor's WithTestServer: a server in this process, on a port
// that is free.
func withTestServer(t *testing.T) (url string) {
	t.Helper()
	server := engine.EmbeddedServer(Module, engine.Host("127.0.0.1"), engine.Port(0), engine.Logger(slog.New(slog.DiscardHandler)))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return "http://" + server.Addrs()[0].String()
}

const childVariable = "E2E_CHILD"

// TestMain runs the tests, or, in a process that testServer has started, the
// program. It saves building that.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		main()
		return
	}
	m.Run()
}

// testServer is Ktor's TestServer: the program itself, which logs where it
// listens.
func testServer(t *testing.T) (url string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), childVariable+"=1", "PORT=0")
	output, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if _, after, found := strings.Cut(lines.Text(), "Responding at "); found {
			return after
		}
	}
	require.Fail(t, "the program has ended")
	return ""
}

func TestRoot(t *testing.T) {
	for name, start := range map[string]func(*testing.T) string{"in this process": withTestServer, "the program": testServer} {
		t.Run(name, func(t *testing.T) {
			response, err := http.Get(start(t) + "/")
			require.NoError(t, err)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, "Hello, world!", apptest.Text(t, response))
		})
	}
}
