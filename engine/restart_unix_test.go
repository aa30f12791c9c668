//go:build unix

package engine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

const (
	socketVariable = "CHITOR_ENGINE_TEST_SOCKET" // where a replaced server listens besides
	brokenVariable = "CHITOR_ENGINE_TEST_BROKEN" // a file that says how a new process fails
)

// runReplaced is the process that TestRestart replaces: it says what happens, with
// its PID.
func runReplaced() {
	var server *engine.Server
	options := []engine.Option{engine.Host("127.0.0.1"), engine.Port(0),
		engine.UnixSocket(os.Getenv(socketVariable), 0o600), engine.HTTP2Cleartext(),
		engine.Restart(), engine.ShutdownDelay(time.Second / 4), engine.StartupTimeout(2 * time.Second),
		engine.Logger(slog.New(failures{slog.DiscardHandler}))}
	broken := os.Getenv(brokenVariable)
	if how, _ := os.ReadFile(broken); string(how) == "listens nowhere" {
		options = append(options, engine.UnixSocket(filepath.Join(broken, "is no folder"), 0))
	}
	server = engine.EmbeddedServer(func(a *app.Application) {
		stopping := make(chan struct{})
		a.OnStopPreparing(func() { close(stopping) })
		switch how, _ := os.ReadFile(broken); string(how) {
		case "fails":
			a.Fail(errors.New("the new version is broken"))
		case "hangs":
			<-time.After(time.Minute)
		}
		answer(func(c *app.Call) error {
			if c.Request.URL.Path == "/stream" {
				return stream(c, stopping)
			}
			body, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(strconv.Itoa(os.Getpid()) + " " + body)
		})(a)
		app.ServerReady.Subscribe(a, func(*app.Application) {
			fmt.Println("serving", os.Getpid(), server.Addrs()[0])
		})
	}, options...)
	if err := server.Run(); err != nil {
		fmt.Println("failed", err)
		os.Exit(1) //nolint:forbidigo // this is a main function
	}
	fmt.Println("stopped", os.Getpid())
}

// failures is a log that prints why a restart has failed.
type failures struct{ slog.Handler }

func (failures) Enabled(context.Context, slog.Level) bool { return true }

func (failures) Handle(_ context.Context, record slog.Record) error {
	if strings.Contains(record.Message, "restart has failed") {
		record.Attrs(func(attribute slog.Attr) bool { fmt.Println("refused", attribute.Value); return true })
	}
	return nil
}

// stream sends a line, and says goodbye when the application stops.
func stream(c *app.Call, stopping <-chan struct{}) error {
	writer := c.Writer()
	fmt.Fprintln(writer, "hello", os.Getpid())
	if err := http.NewResponseController(writer).Flush(); err != nil {
		return err
	}
	select {
	case <-stopping:
	case <-c.Context().Done():
	}
	_, err := fmt.Fprintln(writer, "goodbye", os.Getpid())
	return err
}

// replaced is a server that is replaced while a test uses it.
type replaced struct {
	lines   *bufio.Scanner
	pid     int    // of the process that serves
	address string // of its TCP
	socket  string // its Unix socket
	broken  string // the file that says how a new process fails
	stopped []int  // the processes that have ended well
}

func startReplaced(t *testing.T, environment ...string) *replaced {
	t.Helper()
	folder := t.TempDir()
	r := &replaced{socket: filepath.Join(folder, "socket"), broken: filepath.Join(folder, "broken")}
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), append(environment, childVariable+"=Restart",
		socketVariable+"="+r.socket, brokenVariable+"="+r.broken)...)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Wait() })
	r.lines = bufio.NewScanner(output)
	r.serving(t)
	return r
}

// serving reads what the processes print until a new one serves.
func (r *replaced) serving(t *testing.T) {
	t.Helper()
	what, rest := r.next(t)
	require.Equal(t, "serving", what, rest)
	_, err := fmt.Sscan(rest, &r.pid, &r.address)
	require.NoError(t, err)
}

// next reads a line that a process prints, but for those of processes that stop.
func (r *replaced) next(t *testing.T) (what, rest string) {
	t.Helper()
	for r.lines.Scan() {
		what, rest, _ = strings.Cut(r.lines.Text(), " ")
		if what != "stopped" {
			return what, rest
		}
		pid, err := strconv.Atoi(rest)
		require.NoError(t, err)
		r.stopped = append(r.stopped, pid)
	}
	return "nothing", ""
}

func (r *replaced) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(r.pid, signal))
}

// transport returns one of its own for a client.
func (r *replaced) transport(network string, http2 bool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetUnencryptedHTTP2(http2)
	address := map[string]string{"tcp": r.address, "unix": r.socket}[network]
	return &http.Transport{Protocols: protocols, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

// ask sends one request and returns the PID of the process that has answered.
func ask(client *http.Client, method string) (pid int, err error) {
	const body = "a request that must not be repeated"
	request, err := http.NewRequest(method, "http://localhost/", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	if method == http.MethodGet {
		request.Body = http.NoBody
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return 0, err
	}
	answered, rest, _ := strings.Cut(string(text), " ")
	if response.StatusCode != http.StatusOK || method == http.MethodPost && rest != body {
		return 0, fmt.Errorf("%s: %s", response.Status, text)
	}
	return strconv.Atoi(answered)
}

// progress is what the clients of a server have seen.
type progress struct {
	mu      sync.Mutex // guards what follows
	changed *sync.Cond
	latest  map[string]int // by client: the process that has answered last
	answers int
	err     error // the first
	over    bool  // no client asks any more
}

// saw notes what a client has seen, and reports whether it goes on.
func (p *progress) saw(client string, pid int, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("%s: %w", client, err)
	}
	p.latest[client] = pid
	p.answers++
	p.changed.Broadcast()
	return err == nil && !p.over
}

// await waits until all clients are answered by a process.
func (p *progress) await(pid, clients int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil {
		there := 0
		for _, latest := range p.latest {
			if latest == pid {
				there++
			}
		}
		if there == clients {
			break
		}
		p.changed.Wait()
	}
	return p.err
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}

// follow reads a stream, which says goodbye, and returns the process that has
// sent it.
func follow(client *http.Client, began func(pid int)) (pid int, err error) {
	response, err := client.Get("http://localhost/stream")
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for _, word := range []string{"hello", "goodbye"} {
		var said string
		if !lines.Scan() {
			return pid, fmt.Errorf("the stream of %d ends before %q: %w", pid, word, lines.Err())
		}
		if _, err := fmt.Sscan(lines.Text(), &said, &pid); err != nil || said != word {
			return pid, fmt.Errorf("%q: %w", lines.Text(), err)
		}
		if word == "hello" {
			began(pid)
		}
	}
	return pid, lines.Err()
}

// Clients of all kinds ask on and on, over connections that they keep, and never
// repeat a POST. No request fails, each stream says goodbye, and no process is
// left behind.
func TestRestartLosesNoRequest(t *testing.T) {
	const restarts = 8
	server := startReplaced(t)
	seen := &progress{latest: map[string]int{}}
	seen.changed = sync.NewCond(&seen.mu)
	var asking, following sync.WaitGroup
	clients := 0
	for _, kind := range []struct {
		network string
		http2   bool
	}{{"tcp", false}, {"tcp", true}, {"unix", false}} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPost} {
			clients++
			name := fmt.Sprint(method, kind, clients)
			client := &http.Client{Transport: server.transport(kind.network, kind.http2)}
			asking.Go(func() {
				defer client.CloseIdleConnections()
				for {
					if pid, err := ask(client, method); !seen.saw(name, pid, err) {
						return
					}
				}
			})
		}
		clients++
		name := fmt.Sprint("a stream", kind)
		client := &http.Client{Transport: server.transport(kind.network, kind.http2)}
		following.Go(func() {
			defer client.CloseIdleConnections()
			for {
				pid, err := follow(client, func(pid int) { seen.saw(name, pid, nil) })
				if !seen.saw(name, pid, err) {
					return
				}
			}
		})
	}
	address, pids := server.address, []int{server.pid}
	require.NoError(t, seen.await(server.pid, clients))
	for range restarts {
		require.NoError(t, os.Chmod(server.socket, 0o640)) // the mode of another version
		server.signal(t, syscall.SIGUSR2)
		server.serving(t)
		require.Equal(t, address, server.address)
		info, err := os.Stat(server.socket)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		require.NoError(t, seen.await(server.pid, clients))
		pids = append(pids, server.pid)
	}
	seen.end()
	asking.Wait()
	server.signal(t, syscall.SIGTERM)
	following.Wait()
	what, rest := server.next(t)
	assert.Equal(t, "nothing", what, rest)
	assert.ElementsMatch(t, pids, server.stopped)
	assert.NoFileExists(t, server.socket)
	require.NoError(t, seen.err)
	t.Logf("%d answers, %d restarts, none lost", seen.answers, restarts)
}

// The process that serves goes on, says why, and can be replaced later.
func TestARestartThatFails(t *testing.T) {
	for how, says := range map[string][]string{
		"fails":           {"failed", "exit status 1: it has ended without serving"},
		"listens nowhere": {"failed", "exit status 1: it has ended without serving"},
		"hangs":           {"", "signal: killed: it does not serve after the 2s of engine.StartupTimeout"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			server := startReplaced(t)
			first := server.pid
			client := &http.Client{Transport: server.transport("unix", false)}
			t.Cleanup(client.CloseIdleConnections)
			require.NoError(t, os.WriteFile(server.broken, []byte(how), 0o600))
			server.signal(t, syscall.SIGUSR2)
			if says[0] != "" {
				what, rest := server.next(t)
				require.Equal(t, says[0], what, rest)
			}
			what, rest := server.next(t)
			require.Equal(t, "refused", what, rest)
			require.Contains(t, rest, says[1])
			pid, err := ask(client, http.MethodPost)
			require.NoError(t, err)
			require.Equal(t, first, pid)

			require.NoError(t, os.Remove(server.broken))
			server.signal(t, syscall.SIGUSR2)
			server.serving(t)
			require.NotEqual(t, first, server.pid)
			server.signal(t, syscall.SIGTERM)
			what, rest = server.next(t)
			require.Equal(t, "nothing", what, rest)
			require.ElementsMatch(t, []int{first, server.pid}, server.stopped)
		})
	}
}

// Type=notify: systemd knows which process to watch.
func TestSystemdIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = systemd.Close() })
	told := func() string {
		message := make([]byte, 256)
		n, err := systemd.Read(message)
		require.NoError(t, err)
		return string(message[:n])
	}
	server := startReplaced(t, "NOTIFY_SOCKET="+path)
	require.Equal(t, "READY=1", told())
	server.signal(t, syscall.SIGUSR2)
	server.serving(t)
	require.Equal(t, "READY=1", told(), "the new process: systemd does not listen to it yet")
	require.Equal(t, fmt.Sprintf("MAINPID=%d\nREADY=1", server.pid), told())
	server.signal(t, syscall.SIGTERM)
	require.Equal(t, "STOPPING=1", told())
	what, rest := server.next(t)
	require.Equal(t, "nothing", what, rest)
}
