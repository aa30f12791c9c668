package contentnegotiation

import (
	"errors"
	"iter"
	"net/http"
	"reflect"

	"github.com/chitor-go/chitor/app"
)

// sequence returns the elements of an iter.Seq[T] or iter.Seq2[T, error], and
// whether value is one.
func sequence(value any) (iter.Seq2[any, error], bool) {
	kind := reflect.TypeOf(value)
	if kind == nil || kind.Kind() != reflect.Func || reflect.ValueOf(value).IsNil() {
		return nil, false
	}
	elements := reflect.ValueOf(value)
	switch {
	case kind.CanSeq():
		return func(yield func(any, error) bool) {
			for element := range elements.Seq() {
				if !yield(element.Interface(), nil) {
					return
				}
			}
		}, true
	case kind.CanSeq2() && kind.In(0).In(1) == reflect.TypeFor[error]():
		return func(yield func(any, error) bool) {
			for element, failure := range elements.Seq2() {
				err, _ := reflect.TypeAssert[error](failure)
				if !yield(element.Interface(), err) {
					return
				}
			}
		}, true
	default:
		return nil, false
	}
}

// stream writes elements as an array, each as soon as it is there.
func (j jsonConverter) stream(elements iter.Seq2[any, error]) app.Stream {
	return func(w http.ResponseWriter) error {
		controller := http.NewResponseController(w)
		separator := []byte("[")
		for element, err := range elements {
			if err != nil {
				return err
			}
			text, err := j.marshal(element)
			if err != nil {
				return err
			}
			if _, err := w.Write(append(separator, text...)); err != nil {
				return err
			}
			if err := controller.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return err
			}
			separator = []byte(",")
		}
		if separator[0] == '[' {
			_, err := w.Write([]byte("[]"))
			return err
		}
		_, err := w.Write([]byte("]"))
		return err
	}
}
