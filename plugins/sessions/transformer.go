package sessions

import "slices"

// A Transformer changes what a client is sent of a session, and changes it back:
// see [Settings.Transform]. It is used for concurrent calls at once.
//
// Ktor: SessionTransportTransformer, which has texts.
type Transformer interface {
	// TransformWrite returns what is sent in place of value. It may change the
	// bytes of value, append to it, and return it.
	TransformWrite(value []byte) ([]byte, error)
	// TransformRead returns what TransformWrite was given. It may change the bytes
	// of value, and return a part of it. Value comes from outside, and is at most
	// 4 KiB long. An error says that TransformWrite has not made it, and the call
	// has no session. No text of the value belongs into the error.
	TransformRead(value []byte) ([]byte, error)
}

// transformWrite has all transformers change a value, in the order in which they
// were added.
func transformWrite(all []Transformer, value []byte) (_ []byte, err error) {
	for _, t := range all {
		if value, err = t.TransformWrite(value); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// transformRead has all transformers change a value back, the last first.
func transformRead(all []Transformer, value []byte) (_ []byte, err error) {
	for _, t := range slices.Backward(all) {
		if value, err = t.TransformRead(value); err != nil {
			return nil, err
		}
	}
	return value, nil
}
