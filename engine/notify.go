package engine

import (
	"net"
	"os"
	"strconv"
)

// What systemd is told (sd_notify(3)), where the unit has Type=notify.
const (
	notifyReady    = "READY=1"
	notifyStopping = "STOPPING=1"
)

// mainPID names the process that the unit consists of from now on.
func mainPID(pid int) string { return "MAINPID=" + strconv.Itoa(pid) + "\n" + notifyReady }

// notifySystemd tells systemd, or whoever else has set NOTIFY_SOCKET, how far the
// process is. Without that variable it does nothing.
func (s *Server) notifySystemd(state string) {
	path, set := os.LookupEnv("NOTIFY_SOCKET")
	if !set {
		return
	}
	// A name that begins with @ is an abstract one, here as there.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(state))
		_ = conn.Close() // all has been sent
	}
	if err != nil {
		s.application.Logger().Warn("systemd could not be told", "state", state, "error", err)
	}
}
