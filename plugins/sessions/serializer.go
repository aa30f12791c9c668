package sessions

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
)

// A Serializer turns the values of a session into bytes and back. It is used for
// concurrent calls at once. Bytes that a client has had without [Settings.Sign]
// or [Settings.Encrypt] are hostile.
//
// Ktor: SessionSerializer.
type Serializer[T any] interface {
	// Serialize returns the bytes that stand for a value. They are kept, and must
	// not be changed afterwards. The same value should have the same bytes: a
	// session whose bytes have not changed is not sent again.
	Serialize(value T) ([]byte, error)
	// Deserialize returns the value that bytes stand for, or an error, and the
	// call has no session. It must not change or keep the bytes.
	Deserialize(data []byte) (T, error)
}

// JSON returns the serializer that a [Handle] has unless it is given another:
// encoding/json. Fields that a session of an older version of the service lacks
// are zero, and fields that it has and T does not are dropped.
//
// Ktor: KotlinxSessionSerializer.
func JSON[T any]() Serializer[T] { return jsonSerializer[T]{} }

type jsonSerializer[T any] struct{}

func (jsonSerializer[T]) Serialize(value T) ([]byte, error) { return json.Marshal(value) }

func (jsonSerializer[T]) Deserialize(data []byte) (value T, err error) {
	err = json.Unmarshal(data, &value)
	return value, err
}

// Gob returns a serializer with encoding/gob, which is for values that JSON
// cannot tell apart. Its bytes are more than those of JSON for small values. It
// must not read what a client could have made: use it with a [Storage], or with
// [Settings.Sign] or [Settings.Encrypt].
func Gob[T any]() Serializer[T] { return gobSerializer[T]{} }

type gobSerializer[T any] struct{}

func (gobSerializer[T]) Serialize(value T) ([]byte, error) {
	var data bytes.Buffer
	err := gob.NewEncoder(&data).Encode(&value)
	return data.Bytes(), err
}

func (gobSerializer[T]) Deserialize(data []byte) (value T, err error) {
	err = gob.NewDecoder(bytes.NewReader(data)).Decode(&value)
	return value, err
}
