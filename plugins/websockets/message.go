package websockets

// A Kind says what a message holds.
//
// Ktor: FrameType.
type Kind uint8

// The kinds of messages (RFC 6455 section 5.6).
const (
	// Text is text in UTF-8.
	Text Kind = iota + 1
	// Binary is any bytes.
	Binary
)

// String returns "text" or "binary".
func (k Kind) String() string {
	switch k {
	case Text:
		return "text"
	case Binary:
		return "binary"
	default:
		return "unknown"
	}
}

// A Message is a whole message: what its sender has put into one frame or many.
//
// Ktor: Frame.
type Message struct {
	Kind Kind
	// Data is the text or the bytes. It belongs to whoever has received it.
	Data []byte
}

// Text returns the data as text.
//
// Ktor: readText.
func (m Message) Text() string { return string(m.Data) }
