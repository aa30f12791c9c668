package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/chitor-go/chitor/app"
)

// UnixSocket adds a connector at a Unix socket, without TLS: for a proxy or a
// client on the same machine. The mode is that of its file, such as 0o660 for a
// group; 0 leaves what the process's umask makes of 0o777. On Linux the file is
// never open to anybody else, on other systems it may be for a moment.
//
// The file of a process that has died is replaced. If anybody listens there, and
// if the file is no socket, [Server.Start] fails. The file is removed when the
// server stops. A path that begins with @ is a name without a file on Linux
// (unix(7), abstract), for which mode means nothing. An empty path is a mistake
// that [Server.Start] returns.
func UnixSocket(path string, mode fs.FileMode) Option {
	if path == "" {
		return mistake(app.Caller(1), "unix socket: the path is empty")
	}
	return func(s *Server) { s.further = append(s.further, connector{place: unixSocket{path, mode}}) }
}

type unixSocket struct {
	path string
	mode fs.FileMode
}

func (u unixSocket) String() string   { return "unix socket " + u.path }
func (u unixSocket) hostName() string { return "" }

func (u unixSocket) listen(ctx context.Context) ([]net.Listener, error) {
	if u.isAbstract() {
		listener, err := new(net.ListenConfig).Listen(ctx, "unix", u.path)
		if err != nil {
			return nil, err
		}
		return []net.Listener{listener}, nil
	}
	if err := u.removeStale(ctx); err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: func(_, _ string, socket syscall.RawConn) error {
		return limitMode(socket, u.mode)
	}}
	listener, err := config.Listen(ctx, "unix", u.path)
	if err != nil {
		return nil, err // names the operation and the path
	}
	if err := u.setMode(); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return []net.Listener{listener}, nil
}

// setMode gives the file its mode, if there are both.
func (u unixSocket) setMode() error {
	if u.mode == 0 || u.isAbstract() {
		return nil
	}
	return os.Chmod(u.path, u.mode.Perm())
}

func (u unixSocket) isAbstract() bool {
	return runtime.GOOS == "linux" && strings.HasPrefix(u.path, "@")
}

// removeStale removes the file of a socket at which nobody listens.
func (u unixSocket) removeStale(ctx context.Context) error {
	info, err := os.Lstat(u.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err // names the operation and the path
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("listen unix %s: the file is no socket", u.path)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", u.path)
	if err == nil {
		_ = conn.Close() // it was only asked whether it answers
		return fmt.Errorf("listen unix %s: another process listens there", u.path)
	}
	if !isRefused(err) {
		return fmt.Errorf("listen unix %s: is the socket in use? %w", u.path, err)
	}
	if now, err := os.Lstat(u.path); err == nil && !os.SameFile(info, now) {
		return fmt.Errorf("listen unix %s: another process has just begun to listen there", u.path)
	}
	return os.Remove(u.path)
}

// isRefused reports whether nobody listens where err comes from.
func isRefused(err error) bool {
	const refusedByWindows = syscall.Errno(10061) // WSAECONNREFUSED
	return errors.Is(err, syscall.ECONNREFUSED) || runtime.GOOS == "windows" && errors.Is(err, refusedByWindows)
}
