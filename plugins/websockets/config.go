package websockets

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config configures [Plugin]. It is read when the plugin is installed; later
// changes have no effect. A setting that is negative is a mistake, unless its
// comment says what it means.
//
// Ktor: WebSocketOptions.
type Config struct {
	// PingPeriod is how long after the last one a client gets a ping. 30 s by
	// default, because proxies close what is silent for a minute; 0 sends none.
	//
	// Ktor: pingPeriod, off by default.
	PingPeriod time.Duration
	// Timeout is how long after a ping something has to come from the client, or
	// the session ends with [ErrPingTimeout]. It also is how long a client may
	// take for its part of closing, which is never more than 5 s. 15 s by default;
	// 0 is a mistake.
	//
	// Ktor: timeout.
	Timeout time.Duration
	// MaxMessageSize is how many bytes a message of a client may have, after
	// decompression, in all its frames; one with more ends the session with
	// [ErrTooBig]. 1 MiB by default; 0 sets no limit.
	//
	// Ktor: maxFrameSize, without a limit by default.
	MaxMessageSize int
	// WriteTimeout bounds how long a message, and of a large one each piece of
	// 32 KiB, may be on its way; the client that takes nothing of it then is cut
	// off. 0, the default, is the WriteTimeout of [app.Config]; a negative one sets
	// no limit. A ping, an answer to one and a close frame have 5 s at most. A client
	// that pings is cut off if the answer waits that long behind a message.
	WriteTimeout time.Duration
	// MaxSessions is how many sessions may be open at once; one more is refused
	// with 503 and Retry-After. 100,000 by default; 0 sets no limit. That it is
	// reached is logged at most once a minute; [Stats] counts.
	MaxSessions int
	// MaxSessionsPerKey is how many sessions of one key may be open at once;
	// one more is refused with 429 and Retry-After. 0, the default, sets no
	// limit.
	MaxSessionsPerKey int
	// Key returns what MaxSessionsPerKey counts by, such as the name of a user;
	// an empty key is not limited. It runs before the handshake, in the goroutine
	// of the call, and not at all without MaxSessionsPerKey. Nil, the default,
	// counts by the address of the client, of IPv6 by the network of 64 bits: that
	// of [app.Call.Origin], which is the address of the proxy unless
	// ForwardedHeaders or XForwardedHeaders trusts it.
	Key func(c *app.Call) string
	// RetryAfter is what clients that were refused are told to wait, in whole
	// seconds, rounded up. 5 s by default; 0 tells them nothing. A browser does
	// not tell its page.
	RetryAfter time.Duration
	// MaxAge is how long a session may last; it ends with [ErrTooOld] then, and
	// clients that come back get to another server behind a load balancer. Each
	// session gets between 80 and 100 % of it, so that not all come at once. 0, the
	// default, sets no limit.
	MaxAge time.Duration
	// Until returns until when a session may last, and whether there is such a
	// time: then it ends with [ErrExpired]. It may be authentication.Until, so that
	// a WebSocket does not outlive what its client has logged in with. It is asked
	// once, in the goroutine of the call, before the function that serves the
	// WebSocket runs and when the session is among [Sessions] already. A time that
	// has passed ends the session at once, and its function does not run. A panic
	// is one of that function. Nil, the default, sets no limit.
	Until func(c *app.Call) (end time.Time, limited bool)
	// AllowAnyOrigin lets in the pages of every site, also with the cookies of
	// their users: it is for WebSockets that need no login, or one that is part of
	// the messages. False by default.
	AllowAnyOrigin bool
	// Converter makes messages of values, and values of messages, for WebSockets
	// that name none of their own. Nil, the default, is none: then SendValue and
	// ReceiveValue fail.
	//
	// Ktor: contentConverter.
	Converter Converter
	// Events makes messages of the events of hubs, for WebSockets that name no form
	// of their own. The zero EventForm, the default, makes text of their data.
	Events EventForm

	origins  map[httpheader.Origin]bool
	deflate  *DeflateConfig // nil if messages are not compressed
	mistakes mistakes.List  // of what the methods were given
	sessions *Sessions      // set when the plugin is installed
}

func defaultConfig() Config {
	return Config{
		PingPeriod: 30 * time.Second, Timeout: 15 * time.Second, MaxMessageSize: 1 << 20, MaxSessions: 100_000,
		RetryAfter: 5 * time.Second,
	}
}

// AllowOrigin lets in pages of other origins, besides those of the application
// itself: "https://shop.example.com", with a port if it is not the scheme's own.
// What is no origin is a mistake, and so is "null", which any page can be. A
// client that sends no Origin is no browser, and is let in.
func (c *Config) AllowOrigin(origins ...string) {
	for _, text := range origins {
		origin, ok := httpheader.ParseOrigin(text)
		if !ok {
			c.mistakes.Add(fmt.Errorf("allow origin %q: that is no origin: write a scheme, a host and perhaps a port, as in "+
				"https://example.com:8443", text))
			continue
		}
		if c.origins == nil {
			c.origins = map[httpheader.Origin]bool{}
		}
		c.origins[origin] = true
	}
}

// Sessions returns what [SessionsOf] returns, for those who have the
// configuration at hand. It is nil before the plugin is installed:
//
//	config, installed := websockets.Plugin.In(a)
func (c *Config) Sessions() *Sessions { return c.sessions }

// closeTimeout returns how long a client may take for its part of closing.
func (c *Config) closeTimeout() time.Duration { return min(c.Timeout, controlTimeout) }

// validate returns all that is wrong with the configuration.
func (c *Config) validate() error {
	wrong := slices.Clone(c.mistakes)
	for _, setting := range []struct {
		name     string
		negative bool
	}{
		{"PingPeriod", c.PingPeriod < 0},
		{"MaxMessageSize", c.MaxMessageSize < 0},
		{"MaxSessions", c.MaxSessions < 0},
		{"MaxSessionsPerKey", c.MaxSessionsPerKey < 0},
		{"RetryAfter", c.RetryAfter < 0},
		{"MaxAge", c.MaxAge < 0},
		{"CompressIfBiggerThan", c.deflate != nil && c.deflate.CompressIfBiggerThan < 0},
	} {
		if setting.negative {
			wrong.Add(errors.New(setting.name + " is negative"))
		}
	}
	if c.Timeout <= 0 {
		wrong.Add(errors.New("the Timeout has to be positive: to send no pings set PingPeriod to 0"))
	}
	return wrong.Err()
}
