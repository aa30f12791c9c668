package websockets

import (
	"encoding/json"
	"errors"
	"fmt"
)

// A Converter makes messages of values, and values of messages. It is used from
// any goroutine.
//
// Ktor: WebsocketContentConverter.
type Converter interface {
	// Serialize returns the message of a value.
	Serialize(value any) (Message, error)
	// Deserialize reads a message into target, which is a pointer.
	Deserialize(message Message, target any) error
}

// JSON returns the converter of encoding/json. It sends text, and reads text as
// well as bytes.
//
// Ktor: KotlinxWebsocketSerializationConverter(Json).
func JSON() Converter { return Codec(Text, json.Marshal, json.Unmarshal) }

// Codec returns a converter of two functions, as most packages for a format have
// them. It sends messages of the kind, and reads those of both kinds:
//
//	websockets.Codec(websockets.Text, xml.Marshal, xml.Unmarshal)
//	websockets.Codec(websockets.Binary, cbor.Marshal, cbor.Unmarshal)
//
// With a nil function sending, or receiving, fails.
func Codec(kind Kind, marshal func(any) ([]byte, error), unmarshal func([]byte, any) error) Converter {
	return codec{kind, marshal, unmarshal}
}

type codec struct {
	kind      Kind
	marshal   func(any) ([]byte, error)
	unmarshal func([]byte, any) error
}

var errNilCodec = errors.New("the function of the codec is nil")

func (c codec) Serialize(value any) (Message, error) {
	if c.marshal == nil {
		return Message{}, errNilCodec
	}
	data, err := c.marshal(value)
	return Message{c.kind, data}, err
}

func (c codec) Deserialize(message Message, target any) error {
	if c.unmarshal == nil {
		return errNilCodec
	}
	return c.unmarshal(message.Data, target)
}

var errNoConverter = errors.New("the WebSocket has no converter: pass websockets.Convert(websockets.JSON()), or configure one for the plugin")

// SendValue sends a value as the session's converter makes a message of it. A
// [Message] is refused, because it would be sent as the data of another.
//
// Ktor: sendSerialized.
func (s *Session) SendValue(value any) error {
	switch value.(type) {
	case Message, *Message:
		return fmt.Errorf("send value: %T is a message of its own: use Send", value)
	}
	if s.converter == nil {
		return fmt.Errorf("send value: %w", errNoConverter)
	}
	message, err := s.converter.Serialize(value)
	if err != nil {
		return fmt.Errorf("send value: serialize %T: %w", value, err)
	}
	return s.Send(message)
}

// ReceiveValue reads the next message into target, a pointer, as the session's
// converter does. A message that it cannot read is an error that wraps
// [ErrInvalidData], and the session lasts: whoever returns that error closes the
// WebSocket with [CloseNotConsistent], and whoever goes on has left the message
// out. Any other error is that of [Session.Receive].
//
// Ktor: receiveDeserialized.
func (s *Session) ReceiveValue(target any) error {
	if s.converter == nil {
		return fmt.Errorf("receive value: %w", errNoConverter)
	}
	message, err := s.Receive()
	if err != nil {
		return err
	}
	if err := s.converter.Deserialize(message, target); err != nil {
		if errors.Is(err, errNilCodec) {
			return fmt.Errorf("receive value: %w", err)
		}
		return fmt.Errorf("receive value: %w: %w", ErrInvalidData, err)
	}
	return nil
}

// Receive is [Session.ReceiveValue] for a new value of type T.
//
// Ktor: receiveDeserialized.
func Receive[T any](s *Session) (T, error) {
	var value T
	err := s.ReceiveValue(&value)
	return value, err
}
