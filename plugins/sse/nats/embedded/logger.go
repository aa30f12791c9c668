package embedded

import (
	"fmt"
	"log/slog"
	"sync"
)

// A logger passes warnings and errors of the server on. Its methods may be called
// from any goroutine.
type logger struct {
	slog *slog.Logger // nil: to nobody

	mutex sync.Mutex
	fatal error
}

// Noticef, Debugf and Tracef are for those who run servers.
func (l *logger) Noticef(string, ...any) {}
func (l *logger) Debugf(string, ...any)  {}
func (l *logger) Tracef(string, ...any)  {}

func (l *logger) Warnf(format string, values ...any) {
	if l.slog != nil {
		l.slog.Warn("NATS: " + fmt.Sprintf(format, values...))
	}
}

func (l *logger) Errorf(format string, values ...any) {
	if l.slog != nil {
		l.slog.Error("NATS: " + fmt.Sprintf(format, values...))
	}
}

// Fatalf is told why the server gives up. It ends nothing but the server.
func (l *logger) Fatalf(format string, values ...any) {
	l.Errorf(format, values...)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.fatal == nil {
		l.fatal = fmt.Errorf(format, values...)
	}
}

// reason returns why the server has given up, nil if it has not.
func (l *logger) reason() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.fatal
}
