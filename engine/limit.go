package engine

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// MaxConnections bounds how many connections the server has open, over all
// connectors. Those beyond it wait, as long as the system lets them, until one is
// closed: a connector with such a connection accepts no other. One that was
// hijacked, for a WebSocket or a parked stream, counts until it is closed.
//
// By default nine tenths of the files that the process may have open
// (RLIMIT_NOFILE) leave at least 64 to the application, and connections that are
// no files, such as those of a network in memory, do not count. Raise the limit
// of the process for more, and not only this one. Where a system has no such
// limit, as Windows, there is none by default. 0 sets no limit: then the
// connector that meets the system's accepts no more until a file is closed, and
// nothing else can open one either. A negative n is a mistake that
// [Server.Start] returns.
//
// Connections of a [Listener] that speaks TLS by itself, and does not go around
// one of [NewListener], are not counted.
func MaxConnections(n int) Option {
	if n < 0 {
		return mistake(app.Caller(1), fmt.Sprintf("maximum of connections: %d is negative", n))
	}
	return func(s *Server) { s.connections.most, s.connections.chosen = n, true }
}

// MaxConnectionsPerClient bounds how many connections one client has open: one
// address of IPv4, or 64 bits of one of IPv6, which is what a household gets.
// Those beyond it are closed at once, without an answer. 0, the default, sets no
// limit: behind a proxy, which is one client, there can be none. Connections
// without such an address, as over a Unix socket, are not limited. What
// [MaxConnections] says of those that are not counted holds here too. A negative
// n is a mistake that [Server.Start] returns.
func MaxConnectionsPerClient(n int) Option {
	if n < 0 {
		return mistake(app.Caller(1), fmt.Sprintf("maximum of connections for each client: %d is negative", n))
	}
	return func(s *Server) { s.connections.perClient = n }
}

// leastFiles is how many files are left to the application by default, if
// a tenth of those that the process may have open is less.
const leastFiles = 64

// logInterval is how often the log says that a limit was reached, at most: a
// client can reach it as often as it likes.
const logInterval = time.Minute

// limits say how many connections may be open, and count them. Options set the
// first fields, and prepare the others.
type limits struct {
	most      int  // connections at once; 0 for any number
	chosen    bool // by MaxConnections; else only connections that are files count
	perClient int  // 0 for any number

	logger *slog.Logger
	slots  chan struct{} // has one in it for each connection that counts; nil for any number

	began                     time.Time // from which on the times of connections count
	accepted, refused, waited atomic.Uint64
	hijacked                  atomic.Int64

	mu      sync.Mutex           // guards what follows
	clients map[string]*client   // by name
	logged  map[string]time.Time // when the log had a message last
}

// A guest is what limits know of a connection. It is set before the connection
// is used.
type guest struct {
	of     *limits
	client *client // nil if it is not counted for its client
}

// A client is who has connections, while there are any.
type client struct {
	name string // its [app.Origin.RemoteNetwork]
	open int
}

// prepare makes what the options have asked for, and else leaves some of the
// files that the process may have open to the application.
func (l *limits) prepare(logger *slog.Logger) {
	if files := maxFiles(); !l.chosen && files > 0 {
		l.most = max(files-max(files/10, leastFiles), 1)
	}
	l.logger, l.began = logger, time.Now()
	l.clients, l.logged = map[string]*client{}, map[string]time.Time{}
	if l.most > 0 {
		l.slots = make(chan struct{}, l.most)
	}
}

// receive makes the connection a guest, unless its client has enough of them.
func (l *limits) receive(c *conn) bool {
	c.of = l
	if l.perClient > 0 {
		name := clientOf(c.RemoteAddr())
		if c.client = l.count(name); c.client == nil && name != "" {
			l.refused.Add(1)
			l.log("a client has as many connections as it may: more are closed", "client", name, "limit", l.perClient)
			return false
		}
	}
	l.accepted.Add(1)
	return true
}

// count counts a connection of the client with this name, unless it has none or
// enough of them.
func (l *limits) count(name string) *client {
	if name == "" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.clients[name]
	if known == nil {
		known = &client{name: name}
		l.clients[name] = known
	}
	if known.open >= l.perClient {
		return nil
	}
	known.open++
	return known
}

// await waits until there is a slot for the connection, and returns false if
// closed is closed before.
func (l *limits) await(c *conn, closed <-chan struct{}) bool {
	if l.slots == nil || !l.chosen && !c.isFile() {
		return true
	}
	select {
	case l.slots <- struct{}{}:
	default:
		l.waited.Add(1)
		l.log("the server has as many connections as it may: more wait", "limit", l.most)
		select {
		case l.slots <- struct{}{}:
		case <-closed:
			return false
		}
	}
	c.slot = true
	return true
}

// leave forgets a guest that has closed its connection.
func (l *limits) leave(c *conn, hijacked bool) {
	if c.slot {
		<-l.slots
	}
	if hijacked {
		l.hijacked.Add(-1)
	}
	if c.client == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.client.open--; c.client.open == 0 {
		delete(l.clients, c.client.name)
	}
}

// log warns that a limit was reached, once in a while.
func (l *limits) log(message string, attributes ...any) {
	now := time.Now()
	l.mu.Lock()
	last, said := l.logged[message]
	if said = said && now.Sub(last) < logInterval; !said {
		l.logged[message] = now
	}
	l.mu.Unlock()
	if !said {
		l.logger.Warn(message, attributes...)
	}
}

// clientOf returns whom the address belongs to, and nothing if it is not one of
// the internet protocol.
func clientOf(address net.Addr) string {
	if address == nil {
		return ""
	}
	at, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return ""
	}
	return app.Origin{Remote: netip.AddrPortFrom(at.Addr().Unmap(), at.Port())}.RemoteNetwork()
}
