package http3

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

const (
	// idleTimeout is how long a connection may be silent before its client is
	// taken for gone, and keepAlive how often it is asked.
	idleTimeout = 30 * time.Second
	keepAlive   = 12 * time.Second
	// lastFlush is how long the last bytes may take to arrive when all calls
	// have been answered, and a client to go.
	lastFlush = 100 * time.Millisecond
)

// Config says how HTTP/3 is announced and how QUIC is spoken.
type Config struct {
	// MaxAge is for how long a client may remember that there is HTTP/3 here: a
	// day by default. With 0 it is not announced.
	MaxAge time.Duration
	// Port is the port to announce, where clients reach the server by another
	// one than it listens on; 0, the default, for that itself.
	Port int
	// QUIC may change the settings of the connections, if it is not nil.
	QUIC func(*quic.Config)
}

// Transport adds HTTP/3 to each connector of engine.TLSConnector. A negative
// MaxAge, a port that is none, and a nil function are mistakes that Start
// returns. Start fails if a port is not free for UDP, and if a connector speaks
// no TLS 1.3.
func Transport(configure ...func(*Config)) engine.Option {
	site := app.Caller(1)
	config := Config{MaxAge: 24 * time.Hour}
	for _, change := range configure {
		if change == nil {
			return mistake(site, "HTTP/3: the configuration function is nil")
		}
		change(&config)
	}
	if config.MaxAge < 0 {
		return mistake(site, "HTTP/3: MaxAge is negative")
	}
	if config.Port < 0 || config.Port > 65535 {
		return mistake(site, fmt.Sprintf("HTTP/3: Port is %d, which is none", config.Port))
	}
	return engine.Via(func(beside engine.TransportConfig) engine.Transport {
		return &transport{config: config, beside: beside, server: &http3.Server{}}
	})
}

// mistake is an option that reports one.
func mistake(site app.Site, text string) engine.Option {
	return func(s *engine.Server) { s.Application().FailAt(site, errors.New(text)) }
}

// transport is HTTP/3 beside one connector.
type transport struct {
	config Config
	beside engine.TransportConfig
	server *http3.Server
	calls  calls

	// Set by Listen.
	socket   net.PacketConn
	quic     *quic.Transport
	settings *quic.Config

	mu       sync.Mutex // guards what follows
	listener *quic.Listener
	closed   bool
}

// Listen implements [engine.Transport].
func (t *transport) Listen(ctx context.Context) (net.Addr, error) {
	if newest := t.beside.TLS.MaxVersion; newest != 0 && newest < tls.VersionTLS13 {
		return nil, errors.New("listen for HTTP/3: the connector does not speak TLS 1.3")
	}
	socket, err := new(net.ListenConfig).ListenPacket(ctx, "udp", t.beside.Addr.String())
	if err != nil {
		return nil, err // names the operation and the address
	}
	t.socket, t.quic = socket, &quic.Transport{Conn: socket}
	t.settings = &quic.Config{MaxIdleTimeout: idleTimeout, KeepAlivePeriod: keepAlive}
	if t.config.QUIC != nil {
		t.config.QUIC(t.settings)
	}
	return socket.LocalAddr(), nil
}

// AltSvc implements [engine.Transport].
func (t *transport) AltSvc() string {
	if t.config.MaxAge == 0 {
		return ""
	}
	port := t.config.Port
	if address, ok := t.socket.LocalAddr().(*net.UDPAddr); ok && port == 0 {
		port = address.Port
	}
	return http3.NextProtoH3 + `=":` + strconv.Itoa(port) + `"; ma=` + strconv.Itoa(int(t.config.MaxAge.Seconds()))
}
