//go:build !linux

package engine

import (
	"net"
	"time"
)

// Other systems have other options, or none.

func setUserTimeout(*net.TCPConn, time.Duration) {}

func setNotSent(*net.TCPConn, int) {}
