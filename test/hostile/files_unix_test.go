//go:build unix

package hostile_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// The files that a server may have open, and how many connections come.
const (
	files  = 200
	comers = 300
)

// serverVariable makes the test's program the server: its value says whether
// the server has the limit that it has by default.
const serverVariable = "HOSTILE_SERVER"

func TestMain(m *testing.M) {
	if limit := os.Getenv(serverVariable); limit != "" {
		if err := serveFewFiles(limit == "default"); err != nil {
			fmt.Println(err) // in place of the address
		}
		return
	}
	m.Run()
}

// serveFewFiles serves until its standard input ends. It writes its address.
func serveFewFiles(limited bool) error {
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: files, Max: files}); err != nil {
		return err
	}
	options := []engine.Option{
		engine.Host("127.0.0.1"), engine.Port(0), engine.Logger(slog.New(slog.DiscardHandler)),
		engine.HTTPServer(func(h *http.Server) { h.ReadHeaderTimeout = time.Minute }),
	}
	if !limited {
		options = append(options, engine.MaxConnections(0))
	}
	var server *engine.Server
	server = engine.EmbeddedServer(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("hello") })
			r.Get("/file", func(c *app.Call) error {
				file, err := os.Open(os.DevNull)
				if err != nil {
					return err
				}
				return c.RespondText(fmt.Sprint("opened ", file.Close()))
			})
			r.Get("/stats", func(c *app.Call) error {
				text, err := json.Marshal(server.Stats())
				if err != nil {
					return err
				}
				return c.RespondBytes(text)
			})
		})
	}, options...)
	if err := server.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println(server.Addrs()[0])
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Stop(context.Background())
}

// startFewFiles starts the program as a server, and returns its address.
func startFewFiles(t *testing.T, limit string) string {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program)
	command.Env = append(os.Environ(), serverVariable+"="+limit)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	require.NoError(t, err)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, input.Close())
		require.NoError(t, command.Wait(), "the server has lived on, and stops")
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(address)
}

// ask sends a request over a connection that stays open.
func ask(t *testing.T, client *http.Client, address, path string) (status int, text string) {
	t.Helper()
	response, err := client.Get("http://" + address + path)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, string(body)
}

// Connections leave the application some of the files that it may have open.
func TestConnectionsLeaveFiles(t *testing.T) {
	address := startFewFiles(t, "default")
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	_, _ = ask(t, client, address, "/")
	conns := come(t, address)
	var stats engine.Stats
	require.Eventually(t, func() bool {
		_, text := ask(t, client, address, "/stats")
		return json.Unmarshal([]byte(text), &stats) == nil && stats.Waited > 0
	}, time.Minute, 10*time.Millisecond)
	assert.Equal(t, files-64, stats.New+stats.Active+stats.Idle)
	status, text := ask(t, client, address, "/file")
	assert.Equal(t, "opened <nil>", text, status)
	leave(conns)
	expectNewcomersAreServed(t, address)
}

// A server without a limit lives on when all files are taken, and serves again
// when they are not. Meanwhile its application can open none.
func TestServerWithoutFilesLivesOn(t *testing.T) {
	address := startFewFiles(t, "none")
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	_, _ = ask(t, client, address, "/")
	conns := come(t, address)
	require.Eventually(t, func() bool {
		status, _ := ask(t, client, address, "/file")
		return status == http.StatusInternalServerError
	}, time.Minute, 10*time.Millisecond)
	leave(conns)
	expectNewcomersAreServed(t, address)
	status, text := ask(t, client, address, "/file")
	assert.Equal(t, "opened <nil>", text, status)
}

// come opens connections that ask for nothing.
func come(t *testing.T, address string) []net.Conn {
	t.Helper()
	var conns []net.Conn
	for range comers {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		conns = append(conns, conn)
	}
	t.Cleanup(func() { leave(conns) })
	return conns
}

func leave(conns []net.Conn) {
	for _, conn := range conns {
		_ = conn.Close()
	}
}

func expectNewcomersAreServed(t *testing.T, address string) {
	t.Helper()
	newcomer := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	_, text := ask(t, newcomer, address, "/")
	assert.Equal(t, "hello", text)
}
