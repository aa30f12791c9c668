package mistakes

import (
	"errors"
	"reflect"
)

// A List holds mistakes in the order in which they were found, some of which
// may be nil. Nil is an empty one, ready for use. It is used by one goroutine
// at a time.
type List []error

// Add appends a mistake. A nil error is none, so that Add(check()) needs no if.
func (l *List) Add(err error) { *l = append(*l, err) }

// Err returns the mistakes joined, nil if there are none.
func (l *List) Err() error { return errors.Join(*l...) }

var errNilFunction = errors.New("the configuration function is nil")

// Configure has functions change a configuration, in order. That one of them is
// nil is a mistake, which is returned once; the others are called.
func Configure[C any](config *C, functions []func(*C)) error {
	var wrong error
	for _, configure := range functions {
		if configure == nil {
			wrong = errNilFunction
			continue
		}
		configure(config)
	}
	return wrong
}

// Split returns the errors that [errors.Join] has joined in err, and in those in
// turn, in order; any other error alone; and none for nil.
func Split(err error) []error {
	switch {
	case err == nil:
		return nil
	case reflect.TypeOf(err) != reflect.TypeOf(errors.Join(err)):
		return []error{err} // also what fmt.Errorf has joined, in words of its own
	}
	var all []error
	joined := err.(interface{ Unwrap() []error })
	for _, one := range joined.Unwrap() {
		all = append(all, Split(one)...)
	}
	return all
}

// Each returns err with each of its parts as wrap returns it, so that all of them
// say what they belong to, and not the first alone. It returns nil for nil.
func Each(err error, wrap func(error) error) error {
	var all List
	for _, one := range Split(err) {
		all.Add(wrap(one))
	}
	return all.Err()
}
