package websockets

import (
	"github.com/coder/websocket"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// DeflateConfig says how messages are compressed with clients that want it
// (permessage-deflate, RFC 7692).
//
// Ktor: WebSocketDeflateExtension.Config.
type DeflateConfig struct {
	// CompressIfBiggerThan is how many bytes a message has at least that is
	// compressed; of one that is sent by [Session.Writer] its first fragment
	// counts. 512 by default, which 0 means as well.
	//
	// Ktor: compressIfBiggerThan.
	CompressIfBiggerThan int
	// ContextTakeover compresses a message with the help of those before it, which
	// is better for small ones that are alike, and costs about 1.2 MB of memory
	// for each session that sends and 32 KiB for each that receives. False by
	// default: nothing is kept between messages.
	//
	// Ktor: serverNoContextTakeOver and clientNoContextTakeOver, the other way
	// round.
	ContextTakeover bool
}

const defaultThreshold = 512

// Deflate compresses messages with clients that offer it, which browsers do. It
// is off by default: it costs time and memory, and a message that holds a secret
// beside something that an attacker chooses gives the secret away by its length
// (RFC 7692 section 8). What a client sends is bounded by MaxMessageSize after
// decompression. A configuration function that is nil is a mistake, which Start
// returns.
//
// Ktor: extensions { install(WebSocketDeflateExtension) }.
func (c *Config) Deflate(configure ...func(*DeflateConfig)) {
	config := &DeflateConfig{CompressIfBiggerThan: defaultThreshold}
	c.mistakes.Add(mistakes.Configure(config, configure))
	if config.CompressIfBiggerThan == 0 {
		config.CompressIfBiggerThan = defaultThreshold
	}
	c.deflate = config
}

// compression returns what the library is told.
func (c *Config) compression() (mode websocket.CompressionMode, threshold int) {
	switch {
	case c.deflate == nil:
		return websocket.CompressionDisabled, 0
	case c.deflate.ContextTakeover:
		return websocket.CompressionContextTakeover, c.deflate.CompressIfBiggerThan
	default:
		return websocket.CompressionNoContextTakeover, c.deflate.CompressIfBiggerThan
	}
}
