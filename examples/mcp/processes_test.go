package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/redistest"
)

const childVariable = "MCP_CHILD"

// TestMain runs the tests, or, in a process that startProcess has started, the
// program.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		main()
		return
	}
	m.Run()
}

// A process is the program.
type process struct {
	command *exec.Cmd
	address string
	ended   chan error
}

// startProcess starts the program with a log in Redis.
func startProcess(t *testing.T, redis string) *process {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "-port", "0", "-log", redis)
	command.Env = append(os.Environ(), childVariable+"=1")
	output, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	p := &process{command: command, ended: make(chan error, 1)}
	lines := bufio.NewScanner(output)
	for p.address == "" && lines.Scan() {
		if _, url, found := strings.Cut(lines.Text(), "Responding at http://"); found {
			_, port, err := net.SplitHostPort(strings.Trim(url, `"`))
			require.NoError(t, err)
			p.address = "127.0.0.1:" + port
		}
	}
	require.NotEmpty(t, p.address, "the program has ended")
	go func() {
		_, _ = io.Copy(io.Discard, output)
		p.ended <- command.Wait()
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-p.ended
	})
	return p
}

// stop has the program end by itself.
func (p *process) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, p.command.Process.Signal(syscall.SIGTERM))
	err := <-p.ended
	p.ended <- err
	require.NoError(t, err)
}

// A relay is one address in front of the processes: it passes connections on to
// one of them.
type relay struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex // guards what follows
	to    string
	conns map[net.Conn]struct{}
}

func startRelay(t *testing.T, to *process) *relay {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{listener: listener, to: to.address, conns: map[net.Conn]struct{}{}}
	r.serving.Go(r.serve)
	t.Cleanup(func() {
		_ = listener.Close()
		r.cut(to)
		r.serving.Wait()
	})
	return r
}

func (r *relay) serve() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.serving.Go(func() { r.pass(conn) })
	}
}

// pass passes one connection on.
func (r *relay) pass(in net.Conn) {
	r.mu.Lock()
	out, err := (&net.Dialer{}).Dial("tcp", r.to)
	if err != nil {
		r.mu.Unlock()
		_ = in.Close()
		return
	}
	r.conns[in], r.conns[out] = struct{}{}, struct{}{}
	r.mu.Unlock()
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
		both.Go(func() {
			_, _ = io.Copy(pair[0], pair[1]) // ends with the connection
			_ = pair[0].Close()
		})
	}
	both.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, in)
	delete(r.conns, out)
}

// cut ends all connections, and passes those to come on to a process.
func (r *relay) cut(to *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to.address
	for conn := range r.conns {
		_ = conn.(*net.TCPConn).SetLinger(0) //nolint:forcetypeassert // it is one
		_ = conn.Close()
	}
}

// asAda is a client with a token.
type asAda struct{ transport *http.Transport }

// RoundTrip implements [http.RoundTripper].
func (a asAda) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer abc123")
	return a.transport.RoundTrip(r)
}

// A client of the SDK calls a tool, loses its connection, resumes on a second
// process, and gets every message once. Then the first process ends while the
// tool of another call runs there, and a third one takes over for the second.
func TestEveryMessageOnceOnOtherProcesses(t *testing.T) {
	redis := redistest.New(t)
	redis.Start(t)
	first, second := startProcess(t, redis.URL()), startProcess(t, redis.URL())
	front := startRelay(t, first)

	told, failed := make(chan string, 1000), make(chan error, 1)
	transport := &http.Transport{}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			told <- r.Params.Message
		},
	})
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: "http://" + front.listener.Addr().String() + "/mcp", HTTPClient: &http.Client{Transport: asAda{transport}},
	}, nil)
	require.NoError(t, err)

	count := func(to int) <-chan string {
		answered := make(chan string, 1)
		go func() {
			params := &mcp.CallToolParams{Name: "count", Arguments: Counting{To: to, Pause: 20}}
			params.SetProgressToken("p")
			result, err := session.CallTool(context.WithoutCancel(t.Context()), params)
			if err != nil {
				failed <- err
				return
			}
			answered <- result.Content[0].(*mcp.TextContent).Text //nolint:forcetypeassert // a test
		}()
		return answered
	}
	// Nothing here takes longer than some seconds. Who waits for ever leaves the
	// processes behind.
	late := time.After(3 * time.Minute)
	hear := func(from, until, to int) {
		for i := from; i <= until; i++ {
			select {
			case message := <-told:
				require.Equal(t, fmt.Sprintf("%d of %d", i, to), message)
			case err := <-failed:
				require.NoError(t, err, "%d of %d", i, to)
			case <-late:
				require.Fail(t, "nothing comes", "%d of %d", i, to)
			}
		}
	}

	result := func(answered <-chan string) string {
		select {
		case text := <-answered:
			return text
		case err := <-failed:
			require.NoError(t, err)
		case <-late:
			require.Fail(t, "no answer comes")
		}
		return ""
	}

	answered := count(200)
	hear(1, 10, 200)
	front.cut(second)
	hear(11, 200, 200)
	assert.JSONEq(t, `{"numbers":200,"for":"ada"}`, result(answered))

	// A request that finds a connection which was cut before is not sent again.
	front.cut(first)
	transport.CloseIdleConnections()
	// The rest takes a sixth of the time that a stop leaves to a tool.
	answered = count(40)
	hear(1, 10, 40)
	front.cut(second)
	first.stop(t)
	hear(11, 40, 40)
	assert.JSONEq(t, `{"numbers":40,"for":"ada"}`, result(answered))

	front.cut(startProcess(t, redis.URL()))
	transport.CloseIdleConnections()
	second.stop(t)
	answered = count(5)
	hear(1, 5, 5)
	assert.JSONEq(t, `{"numbers":5,"for":"ada"}`, result(answered))
	assert.Empty(t, told)
	require.NoError(t, session.Close())
}
