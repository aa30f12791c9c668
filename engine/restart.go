package engine

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/chitor-go/chitor/app"
)

// handoverDelay is the delay of a server that has a successor, unless
// ShutdownDelay sets another: nobody waits for it.
const handoverDelay = 5 * time.Second

// Restart lets [Server.Run] replace its process by a new one without losing a
// request, when one of these signals comes: SIGUSR2 without any. The program is
// started anew as it was, by its name, arguments and environment, so that what
// was installed in its place runs, and is handed the sockets that listen. When
// it serves, this process has its application drain, closes its listeners, serves
// the connections that it has for the time of [ShutdownDelay], or 5 s if that is
// 0, and stops. A connection that is being opened meanwhile waits in the socket,
// which both have.
//
// If the new process ends, or does not serve within [StartupTimeout], it is
// killed, the reason is logged as an error, and this process goes on.
//
// What is handed over are the sockets of [Port], [Connector], [TLSConnector],
// [UnixSocket] and [SystemdSockets]; a [Listener] is not, and what another
// transport listens at is not either: the new process has to be able to open
// them beside this one. HTTP/3 at a fixed port cannot be, so that every new
// process ends there. A new process finds its sockets by what its options
// say, and may have more or fewer. The file of a Unix socket gets the mode that
// these say.
//
// A client that keeps a connection over HTTP/1.1 leaves with its next answer; one
// that stays idle for the whole delay may lose a request at its end, as in
// [Server.Stop]. Who needs to be sure sets a delay that is longer than clients
// keep a connection without a request.
//
// A process with several servers cannot be replaced: the new one finds the
// addresses of the others taken, and ends.
//
// Process 1 of a container cannot be replaced: the container would end with it.
// systemd has to know the new process, with Type=notify: see docs/deployment.md.
// Only Unix hands sockets over; elsewhere the option is a mistake. It is for
// [Server.Run]: [Server.RunContext] handles no signals, these neither.
func Restart(signals ...os.Signal) Option {
	if len(signals) == 0 {
		signals = restartSignals()
	}
	if len(restartSignals()) == 0 {
		return mistake(app.Caller(1), "restart: this system cannot hand sockets over")
	}
	return func(s *Server) { s.restart = signals }
}

// restarts returns a channel of the signals for a restart, nil if there are none,
// and a function that ends it.
func (s *Server) restarts() (asked chan os.Signal, release func()) {
	if len(s.restart) == 0 {
		return nil, func() {}
	}
	asked = make(chan os.Signal, 1)
	signal.Notify(asked, s.restart...)
	return asked, func() { signal.Stop(asked) }
}

// handOver starts a successor and reports whether it serves. Then this process
// listens no more.
func (s *Server) handOver(ctx context.Context) bool {
	log := s.application.Logger()
	log.Info("starting a successor")
	pid, err := s.startSuccessor(ctx)
	if err != nil {
		log.Error("the restart has failed, this process goes on", "error", err)
		return false
	}
	log.Info("the successor serves", "pid", pid)
	s.succeeded(pid)
	return true
}

func (s *Server) succeeded(pid int) {
	s.notifySystemd(mainPID(pid))
	s.application.Drain()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.successor = true
	for _, b := range s.bound {
		if b.key == "" {
			continue // not handed over: it closes with the others
		}
		if unix, ok := b.listener.(*net.UnixListener); ok {
			unix.SetUnlinkOnClose(false) // the file is the successor's
		}
		_ = b.listener.Close() // the socket stays open there
	}
}

func (s *Server) hasSuccessor() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.successor
}

// errNotReady says that a successor has closed its end of the pipe, as the end of
// a process does.
var errNotReady = errors.New("it has ended without serving")
