package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"

	"github.com/chitor-go/chitor/plugins/sse/nats"
)

const (
	// maxPayload is the largest message, 8 MiB: the most that NATS advises.
	maxPayload = 8 << 20
	// startTime is how long the server may take until it accepts connections.
	startTime = 30 * time.Second
)

// A Server is a NATS server with JetStream in this process. [Start] makes it; the
// zero Server is not usable. Its methods may be called from any goroutine.
type Server struct {
	config  Config
	server  *server.Server
	options *server.Options
	release []func() error // what Close does after the server has stopped, last first

	mutex   sync.Mutex
	closed  bool
	brokers []*natsgo.Conn // the connections of brokers, to be closed
}

// Start starts a server. Who starts it closes it.
//
// It fails if another server uses the directory, or something else the address.
func Start(configure ...func(*Config)) (*Server, error) {
	config, err := configured(configure)
	if err != nil {
		return nil, fmt.Errorf("start NATS: %w", err)
	}
	s := &Server{config: config}
	if err := s.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start NATS: %w", err), s.Close(context.Background()))
	}
	return s, nil
}

func (s *Server) start() error {
	directory, err := s.claim()
	if err != nil {
		return err
	}
	options, err := s.serverOptions(directory)
	if err != nil {
		return err
	}
	s.options = options
	if s.server, err = server.NewServer(options); err != nil {
		return err
	}
	log := &logger{slog: s.config.Logger}
	s.server.SetLogger(log, false, false)
	s.server.Start()
	for began := time.Now(); !s.server.ReadyForConnections(startTime / 1000); {
		if err := log.reason(); err != nil {
			return err
		}
		if time.Since(began) > startTime {
			return fmt.Errorf("it is not ready after %s", startTime)
		}
	}
	if !s.server.JetStreamEnabled() {
		return cmp.Or(log.reason(), errors.New("JetStream is not enabled"))
	}
	return nil
}

// claim returns the directory of the server, which no other one uses.
func (s *Server) claim() (string, error) {
	directory := s.config.Directory
	if directory == "" {
		// The server wants a directory even for what it keeps in memory.
		temporary, err := os.MkdirTemp("", "chitor-nats-")
		if err != nil {
			return "", err
		}
		s.release = append(s.release, func() error { return os.RemoveAll(temporary) })
		directory = temporary
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return "", err
	}
	held, err := lock(filepath.Join(directory, "chitor.lock"))
	if err != nil {
		return "", fmt.Errorf("another server uses the directory %s: %w", directory, err)
	}
	s.release = append(s.release, held.Close)
	return directory, nil
}

func (s *Server) serverOptions(directory string) (*server.Options, error) {
	options := &server.Options{
		ServerName:             "chitor",
		DontListen:             true,
		NoSigs:                 true,
		JetStream:              true,
		StoreDir:               directory,
		SyncAlways:             s.config.SyncAlways,
		MaxPayload:             maxPayload,
		DisableJetStreamBanner: true,
	}
	if s.config.Listen != "" {
		host, digits, err := net.SplitHostPort(s.config.Listen)
		if err != nil {
			return nil, err
		}
		port, err := strconv.ParseUint(digits, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("the port of %q: %w", s.config.Listen, err)
		}
		options.DontListen = false
		options.Host, options.Port = host, int(port)
		if port == 0 {
			options.Port = server.RANDOM_PORT
		}
	}
	if s.config.Options != nil {
		s.config.Options(options)
	}
	return options, nil
}

// URL returns where other processes connect, and "" if the server has no port.
func (s *Server) URL() string {
	if s.options.DontListen {
		return ""
	}
	return s.server.ClientURL()
}

// Connect returns a connection to the server that needs no port. Who asks for it
// closes it.
func (s *Server) Connect(options ...natsgo.Option) (*natsgo.Conn, error) {
	conn, err := natsgo.Connect("", append([]natsgo.Option{
		natsgo.InProcessServer(s.server),
		natsgo.Name("chitor"),
		natsgo.NoReconnect(),
		natsgo.ErrorHandler(func(*natsgo.Conn, *natsgo.Subscription, error) {}),
	}, options...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded NATS: %w", err)
	}
	return conn, nil
}

// Broker returns a broker for a hub, as [nats.New] does, with a connection of its
// own. Without a Directory its stream is kept in memory, whatever the
// configuration says. Close of the server closes the connection.
func (s *Server) Broker(ctx context.Context, configure ...func(*nats.Config)) (*nats.Broker, error) {
	conn, err := s.Connect()
	if err != nil {
		return nil, err
	}
	if s.config.Directory == "" {
		configure = append(configure, func(c *nats.Config) { c.Memory = true })
	}
	broker, err := nats.New(ctx, conn, configure...)
	if err != nil {
		conn.Close()
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closed {
		conn.Close()
		return nil, natsgo.ErrConnectionClosed
	}
	s.brokers = append(s.brokers, conn)
	return broker, nil
}

// Close ends the brokers of the server and the server, and waits until it has
// ended, whatever the context says: it is as
// [github.com/chitor-go/chitor/app.Application.OnStop] wants it, added before
// the hubs are made, so that they are closed first. A second Close does nothing.
func (s *Server) Close(context.Context) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for _, conn := range s.brokers {
		conn.Close()
	}
	if s.server != nil {
		s.server.Shutdown()
		s.server.WaitForShutdown()
	}
	var failed []error
	for _, release := range slices.Backward(s.release) {
		failed = append(failed, release())
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("close NATS: %w", err)
	}
	return nil
}
