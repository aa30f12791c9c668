package embedded

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats-server/v2/server"
)

// Config configures a [Server]. It is read when the server starts; later changes
// have no effect.
type Config struct {
	// Directory is where the streams are kept, and is made if there is none. One
	// server at a time may use it. Empty, the default, keeps the streams in
	// memory: they are lost when the server is closed or the process ends.
	Directory string
	// Listen is the address, such as "10.0.0.1:4222" or ":4222", at which other
	// processes connect. There is no authentication unless Options sets one.
	// Empty, the default, opens no port.
	Listen string
	// SyncAlways waits for the disk at every message, so that what was published
	// survives a loss of power too. Off by default: then the disk has it within
	// two minutes, and what was published survives the end of the process,
	// however it ends, but not of the operating system.
	SyncAlways bool
	// Logger is told what the server warns of. Nil, the default, logs nothing.
	Logger *slog.Logger
	// Options changes what the server is started with, in the end: TLS, users, a
	// cluster, limits. Nil, the default, changes nothing.
	Options func(*server.Options)
}

func configured(functions []func(*Config)) (Config, error) {
	var config Config
	for _, configure := range functions {
		if configure == nil {
			return config, errors.New("configure: the configuration function is nil")
		}
		configure(&config)
	}
	if config.SyncAlways && config.Directory == "" {
		return config, fmt.Errorf("configure: SyncAlways needs a Directory")
	}
	return config, nil
}
