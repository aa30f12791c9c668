package sse

import (
	"bytes"
	"encoding/json"
)

// A Serializer turns a value into the data of an event. It may be called from
// any goroutine.
type Serializer func(value any) ([]byte, error)

// JSON is the [Serializer] for JSON, by encoding/json without escaping <, > and
// &.
func JSON(value any) ([]byte, error) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(data.Bytes(), []byte("\n")), nil
}
