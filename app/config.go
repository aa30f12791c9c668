package app

import (
	"fmt"
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
	// RootPath is what the paths of all routes begin with, as in "/shop": routes
	// are declared without it, a call for any other path is 404, and it is part of
	// what [Call.Route] and routing.URL return. Requests keep it in their URLs,
	// and middlewares and plugins of the application see every call. It has no
	// parameters. Empty by default.
	//
	// Ktor: rootPath.
	RootPath string
	// Development shows the text of unexpected errors to clients. Off by
	// default.
	//
	// Ktor: ktor.development.
	Development bool

	// WriteTimeout bounds how long bytes may be on their way to a client: those
	// of a flush, or of a piece of at most 256 KiB. On the connections of
	// package engine it begins anew as long as the client takes some of them,
	// except for the streams of HTTP/2. Time between writes does not count. 30
	// s by default; 0 sets no limit.
	WriteTimeout time.Duration
	// ReadTimeout bounds how long a client may send nothing while the body of
	// its request is awaited: then the read fails with an [Error] with 408, and
	// the connection ends with the answer. 1 min by default; 0 sets no limit.
	// Over HTTP/2, and with full duplex over HTTP/1.1, it ends when the
	// response has begun to leave: a stream in both directions may be silent.
	// http.Server.ReadTimeout, if set, holds in its place. See
	// [Call.SetReadTimeout].
	ReadTimeout time.Duration
	// MinReadRate is how many bytes a second a client has to send while its
	// body is awaited. One that sends less uses up ReadTimeout with all the
	// time that it is waited for, and not with each silence alone: then the
	// read fails in the same way, with 408. A faster one has the whole
	// ReadTimeout again and again; the time between reads does not count. 500
	// by default, which lets 1 MiB take 35 min; 0 sets no limit, and none holds
	// where ReadTimeout is 0. See [Call.SetMinReadRate].
	MinReadRate int64

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
	// nothing, but gives each hook a tenth of a second.
	ShutdownTimeout time.Duration
}

func defaults() Config {
	return Config{
		WriteTimeout:    30 * time.Second,
		ReadTimeout:     time.Minute,
		MinReadRate:     500,
		BodyLimit:       1 << 20,
		PartLimit:       50 << 20,
		ShutdownGrace:   time.Second,
		ShutdownTimeout: 5 * time.Second,
	}
}

// check returns all that is wrong with the configuration.
func (c *Config) check() (wrong []error) {
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{"WriteTimeout", int64(c.WriteTimeout)},
		{"ReadTimeout", int64(c.ReadTimeout)},
		{"MinReadRate", c.MinReadRate},
		{"BodyLimit", c.BodyLimit},
		{"PartLimit", c.PartLimit},
		{"ShutdownGrace", int64(c.ShutdownGrace)},
		{"ShutdownTimeout", int64(c.ShutdownTimeout)},
	} {
		if limit.value < 0 {
			wrong = append(wrong, fmt.Errorf("configure: %s is negative", limit.name))
		}
	}
	return wrong
}
