package app

import (
	"log/slog"
	"time"
)

// Config is what an application can be told about itself.
// [Application.Configure] changes it.
type Config struct {
	// Logger takes everything the application has to say. By default
	// slog.Default().
	Logger *slog.Logger
	// Properties is the application's configuration tree: Ktor's
	// environment.config. Empty by default; plugins made with FromProperties
	// start from their part of it.
	Properties Properties
	// Development shows the text of unexpected errors to clients. Off by
	// default; Ktor's ktor.development.
	Development bool
	// WriteTimeout bounds how long bytes may be on their way to a client: each
	// flush, and each piece of at most 256 KiB. Time in which nothing is
	// written does not count. 10 s by default; 0 sets no deadline.
	WriteTimeout time.Duration
	// ReadTimeout bounds how long a client may be silent while the body of its
	// request is awaited: by a handler that reads, whose read fails with an
	// [Error] with 408, or by net/http, which over HTTP/1.1 reads what is left
	// of a body before an answer leaves: then the answer is the last one of the
	// connection, and the call's context ends. 1 min by default; 0 waits for
	// ever. In a server that has set http.Server.ReadTimeout only that counts.
	// See [Call.SetReadTimeout].
	ReadTimeout time.Duration
	// BodyLimit is how many bytes of a request body are received as text,
	// bytes, a form or a value; a longer body is answered with 413. 1 MiB by
	// default; 0 accepts any length.
	BodyLimit int64
	// PartLimit is how many bytes one part of a multipart body may have; a
	// longer one is answered with 413. 50 MiB by default; 0 accepts any length.
	// Ktor's formFieldLimit.
	PartLimit int64
	// ShutdownGrace is how long Stop lets running calls finish before their
	// contexts end. 1 s by default.
	ShutdownGrace time.Duration
	// ShutdownTimeout bounds Stop as a whole. 5 s by default.
	ShutdownTimeout time.Duration
}

func defaults() Config {
	return Config{
		WriteTimeout:    10 * time.Second,
		ReadTimeout:     time.Minute,
		BodyLimit:       1 << 20,
		PartLimit:       50 << 20,
		ShutdownGrace:   time.Second,
		ShutdownTimeout: 5 * time.Second,
	}
}
