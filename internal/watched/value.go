package watched

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// lookInterval is how often files are looked at, at most.
const lookInterval = time.Second

// A Value is what was read from files, and is read again when one of them has
// changed. Nothing runs beside: whoever asks for it first when a second is over
// looks at the files, and the others get what there is.
//
// Where new files cannot be read, what was read before stays, and that is logged
// once. Two files that belong together may so change one after the other.
type Value[T any] struct {
	names []string
	files Files
	parse func(contents [][]byte) (T, error)

	current atomic.Pointer[T]
	due     atomic.Int64 // when the files are looked at again, in Unix nanoseconds

	mu     sync.Mutex    // held by whoever looks, guards states
	states []fs.FileInfo // of the files that were read last, or could not be
}

// Read reads files, whose contents parse gets in the order of the names.
func Read[T any](files Files, parse func(contents [][]byte) (T, error), names ...string) (*Value[T], error) {
	v := &Value[T]{names: names, files: files, parse: parse}
	v.due.Store(time.Now().Add(lookInterval).UnixNano())
	if err := v.read(); err != nil {
		return nil, err
	}
	return v, nil
}

// Get returns what the files say. It may be called concurrently.
func (v *Value[T]) Get() T {
	if now := time.Now(); now.UnixNano() >= v.due.Load() && v.mu.TryLock() {
		defer v.mu.Unlock()
		v.due.Store(now.Add(lookInterval).UnixNano())
		v.look()
	}
	return *v.current.Load()
}

// look reads the files if they have changed.
func (v *Value[T]) look() {
	states := make([]fs.FileInfo, len(v.names))
	for i, name := range v.names {
		states[i] = v.files.state(name)
	}
	if slices.EqualFunc(v.states, states, isSame) {
		return
	}
	if err := v.read(); err != nil {
		v.files.Logger.Error("files have changed and cannot be read: what they said before still holds",
			"files", strings.Join(v.names, ", "), "error", err)
		return
	}
	v.files.Logger.Info("files have changed and were read", "files", strings.Join(v.names, ", "))
}

// read reads the files and keeps what they say.
func (v *Value[T]) read() error {
	contents := make([][]byte, len(v.names))
	v.states = make([]fs.FileInfo, len(v.names))
	var failure error
	for i, name := range v.names {
		var err error
		if contents[i], v.states[i], err = v.files.read(name); err != nil && failure == nil {
			failure = err
		}
	}
	if failure != nil {
		return failure
	}
	value, err := v.parse(contents)
	if err != nil {
		return err
	}
	v.current.Store(&value)
	return nil
}
