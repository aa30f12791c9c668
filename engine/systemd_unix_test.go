//go:build unix

package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// serveSystemd is the process that systemd starts: a server that takes the
// sockets with these names, and tells what its own children would see.
func serveSystemd(names []string) {
	options := []engine.Option{quiet}
	for _, name := range names {
		options = append(options, engine.SystemdSockets(name))
	}
	if len(names) == 0 {
		options = append(options, engine.SystemdSockets())
	}
	server := engine.EmbeddedServer(answer(func(c *app.Call) error {
		_, set := os.LookupEnv("LISTEN_FDS")
		return c.RespondText(fmt.Sprint("LISTEN_FDS is set: ", set))
	}), options...)
	err := server.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("serving", len(server.Addrs()))
	_ = server.Wait()
}

// systemdChild starts a process as systemd would, with these sockets.
func systemdChild(t *testing.T, mode, variables string, sockets ...*os.File) (first string) {
	t.Helper()
	// A shell knows its PID, and keeps it.
	child := exec.CommandContext(t.Context(), "sh", "-c", variables+` exec "$0"`, os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+mode)
	child.ExtraFiles = sockets
	output, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSuffix(line, "\n")
}

type filer interface{ File() (*os.File, error) }

func file(t *testing.T, socket filer) *os.File {
	t.Helper()
	copied, err := socket.File()
	require.NoError(t, err)
	t.Cleanup(func() { _ = copied.Close() })
	return copied
}

func TestSystemdSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	web, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	unix, err := net.Listen("unix", path)
	require.NoError(t, err)
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	client, err := net.Dial("unix", path) // as of Accept=yes
	require.NoError(t, err)
	t.Cleanup(func() { _, _, _, _ = web.Close(), unix.Close(), packets.Close(), client.Close() })
	sockets := []*os.File{file(t, web.(filer)), file(t, unix.(filer)), file(t, packets.(filer)), file(t, client.(filer))}

	cases := map[string]struct {
		names     string
		variables string
		sockets   int
		says      string
	}{
		"all":                {"", "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:admin", 2, "serving 2"},
		"without names":      {"", "LISTEN_PID=$$ LISTEN_FDS=1", 1, "serving 1"},
		"one":                {"web", "LISTEN_PID=$$ LISTEN_FDS=3 LISTEN_FDNAMES=web:admin:dns", 3, "serving 1"},
		"each":               {"admin web", "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:admin", 2, "serving 2"},
		"of one name":        {"web", "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:web", 2, "serving 2"},
		"from a predecessor": {"", "CHITOR_LISTEN_PARENT=$PPID LISTEN_FDS=1", 1, "serving 1"},
		"for another process": {"", "LISTEN_PID=1 CHITOR_LISTEN_PARENT=$$ LISTEN_FDS=1", 1,
			"start server: systemd's sockets: there are none: LISTEN_FDS names none for this process"},
		"a missing name": {"web other", "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:admin", 2,
			`start server: systemd's sockets: none is named "other": there are "web, admin"`},
		"no number": {"", "LISTEN_PID=$$ LISTEN_FDS=-1", 1,
			`start server: systemd's sockets: LISTEN_FDS: "-1" is no number of sockets`},
		"too many": {"", "LISTEN_PID=$$ LISTEN_FDS=99 LISTEN_FDNAMES=web", 1,
			`start server: systemd's sockets: inherited socket "unknown": getsockopt: `},
		"a socket for packets": {"dns", "LISTEN_PID=$$ LISTEN_FDS=3 LISTEN_FDNAMES=web:admin:dns", 3,
			`start server: systemd's sockets: inherited socket "dns": it does not listen`},
		"a connection": {"client", "LISTEN_PID=$$ LISTEN_FDS=4 LISTEN_FDNAMES=web:admin:dns:client", 4,
			`start server: systemd's sockets: inherited socket "client": it does not listen`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			first := systemdChild(t, "SystemdSockets "+test.names, test.variables, sockets[:test.sockets]...)
			require.Contains(t, first, test.says)
			if !strings.HasPrefix(first, "serving") {
				return
			}
			if test.sockets == 2 && test.says == "serving 2" {
				assert.Equal(t, "LISTEN_FDS is set: false", askUnix(t, path))
			}
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			response, err := client.Get("http://" + web.Addr().String())
			require.NoError(t, err)
			assert.Equal(t, "LISTEN_FDS is set: false", apptest.Text(t, response))
			require.NoError(t, response.Body.Close())
		})
	}
	require.FileExists(t, path, "the file is systemd's")
}
