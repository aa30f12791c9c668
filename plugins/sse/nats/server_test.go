package nats_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
)

func start(t testing.TB, configure ...func(*embedded.Config)) *embedded.Server {
	t.Helper()
	server, err := embedded.Start(configure...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close(context.Background())) })
	return server
}

func connect(t testing.TB, server *embedded.Server) *natsgo.Conn {
	t.Helper()
	conn, err := server.Connect()
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	return conn
}

func dial(t testing.TB, url string, configure ...func(*nats.Config)) *nats.Broker {
	t.Helper()
	broker, err := nats.Connect(t.Context(), url, configure...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, broker.Close(context.Background())) })
	return broker
}

func dialConn(t testing.TB, url string) *natsgo.Conn {
	t.Helper()
	conn, err := natsgo.Connect(url, natsgo.MaxReconnects(-1))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	return conn
}

// log is the stream "sse" for the kit. conn is what its operator has.
func log(t testing.TB, conn *natsgo.Conn, open func(testing.TB) sse.Broker) brokertest.Log {
	t.Helper()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	return brokertest.Log{
		Open: open,
		Trim: func(t testing.TB, keep int) {
			stream, err := js.Stream(t.Context(), "sse")
			require.NoError(t, err)
			var options []jetstream.StreamPurgeOpt
			if keep > 0 {
				options = append(options, jetstream.WithPurgeKeep(uint64(keep)))
			}
			require.NoError(t, stream.Purge(t.Context(), options...))
		},
		Forget: func(t testing.TB) { require.NoError(t, js.DeleteStream(t.Context(), "sse")) },
	}
}

const (
	directoryName = "CHITOR_NATS_DIRECTORY"
	listenName    = "CHITOR_NATS_LISTEN"
	clusterName   = "CHITOR_NATS_CLUSTER" // where it listens for others, if there are any
	routesName    = "CHITOR_NATS_ROUTES"  // where all servers of the cluster do
)

// TestServerProcess is the server of a [process]. In any other process there is
// nothing to do.
func TestServerProcess(t *testing.T) {
	directory := os.Getenv(directoryName)
	if directory == "" {
		return
	}
	server := start(t, func(c *embedded.Config) {
		c.Directory = directory
		c.Listen = os.Getenv(listenName)
		if address := os.Getenv(clusterName); address != "" {
			c.Options = func(o *server.Options) { join(t, o, address, os.Getenv(routesName)) }
		}
	})
	fmt.Println("URL", server.URL())
	_, err := io.Copy(io.Discard, os.Stdin) // until the parent has ended
	require.NoError(t, err)
}

// join makes a server one of a cluster.
func join(t testing.TB, options *server.Options, address, routes string) {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	options.ServerName = address
	options.Cluster.Name, options.Cluster.Host = "chitor", host
	options.Cluster.Port, err = strconv.Atoi(port)
	require.NoError(t, err)
	options.Routes = server.RoutesFromStr(routes)
}

// A process is a server in a process of its own, that can be killed.
type process struct {
	url, directory  string
	cluster, routes string // empty if it is alone

	command *exec.Cmd
	input   io.Closer
}

func startProcess(t testing.TB) *process {
	t.Helper()
	p := &process{directory: t.TempDir()}
	p.start(t, "127.0.0.1:0")
	return p
}

// start waits while somebody else has the address, who may have got it while the
// server was down.
func (p *process) start(t testing.TB, listen string) {
	t.Helper()
	for began := time.Now(); !p.begin(t, listen); <-time.After(50 * time.Millisecond) {
		require.Less(t, time.Since(began), time.Minute, "somebody else has the address %s", listen)
	}
}

// begin starts the server. It returns false if somebody else has an address of it.
func (p *process) begin(t testing.TB, listen string) bool {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	p.command = exec.Command(program, "-test.run=^TestServerProcess$")
	p.command.Env = append(os.Environ(), directoryName+"="+p.directory, listenName+"="+listen,
		clusterName+"="+p.cluster, routesName+"="+p.routes)
	p.input, err = p.command.StdinPipe()
	require.NoError(t, err)
	pipe, err := p.command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.command.Start())
	t.Cleanup(p.kill)
	output := bufio.NewReader(pipe)
	line, err := output.ReadString('\n')
	if url, found := strings.CutPrefix(line, "URL "); found && err == nil {
		p.url = strings.TrimSpace(url)
		return true
	}
	rest, err := io.ReadAll(output)
	require.NoError(t, err)
	p.kill()
	require.Contains(t, line+string(rest), "address already in use", "why the server has not started")
	return false
}

func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
	_ = p.input.Close()
}

func (p *process) restart(t testing.TB) {
	t.Helper()
	p.kill()
	p.start(t, strings.TrimPrefix(p.url, "nats://"))
}

// forget has the server lose what happens during a function: it comes back with
// what it had stored before.
func (p *process) forget(t testing.TB, during func()) {
	t.Helper()
	p.kill()
	kept := t.TempDir()
	require.NoError(t, os.CopyFS(kept, os.DirFS(p.directory)))
	p.start(t, strings.TrimPrefix(p.url, "nats://"))
	during()
	p.kill()
	p.directory = kept
	p.start(t, strings.TrimPrefix(p.url, "nats://"))
}
