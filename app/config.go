package app

import (
	"log/slog"
	"time"
)

// Config is what an application can be told about itself.
// [Application.Configure] changes it, starting from the defaults that each
// field names. Of limits and time-outs 0 means what the field says.
type Config struct {
	// Logger takes everything that the application has to say. Nil, the
	// default, takes slog.Default().
	Logger *slog.Logger
	// Properties is the application's tree of settings. Empty by default;
	// plugins made with [Plugin.FromProperties] start from their part of it.
	//
	// Ktor: environment.config.
	Properties Properties
	// Development shows the text of unexpected errors to clients. Off by
	// default.
	//
	// Ktor: ktor.development.
	Development bool

	// WriteTimeout bounds how long bytes may be on their way to a client: those
	// of a flush, or of a piece of at most 256 KiB. Time between writes does
	// not count. 30 s by default; 0 sets no limit.
	WriteTimeout time.Duration
	// ReadTimeout bounds how long a client may send nothing while the body of
	// its request is awaited: then the read fails with an [Error] with 408, and
	// the connection ends with the answer. 1 min by default; 0 sets no limit.
	// http.Server.ReadTimeout, if set, holds in its place. See
	// [Call.SetReadTimeout].
	ReadTimeout time.Duration

	// BodyLimit is how many bytes of a request body are received as text,
	// bytes, a form or a value; a longer body is answered with 413. 1 MiB by
	// default; 0 sets no limit.
	BodyLimit int64
	// PartLimit is how many bytes one part of a multipart body may have; a
	// longer one is answered with 413. 50 MiB by default; 0 sets no limit.
	//
	// Ktor: formFieldLimit.
	PartLimit int64

	// ShutdownGrace is how long Stop lets running calls finish before their
	// contexts end. 1 s by default; 0 ends them at once.
	ShutdownGrace time.Duration
	// ShutdownTimeout bounds Stop as a whole, and the stop hooks after a start
	// that has failed. 5 s by default; 0 leaves no time: Stop waits for
	// nothing.
	ShutdownTimeout time.Duration
}

func defaults() Config {
	return Config{
		WriteTimeout:    30 * time.Second,
		ReadTimeout:     time.Minute,
		BodyLimit:       1 << 20,
		PartLimit:       50 << 20,
		ShutdownGrace:   time.Second,
		ShutdownTimeout: 5 * time.Second,
	}
}
