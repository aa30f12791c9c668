package contentnegotiation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// receive is the hook that reads a body by the first converter for its type
// that can. A body that none can read stays unread, and the application
// responds with 415.
func (n *negotiator) receive(c *app.Call, in *app.Incoming) error {
	pointer := reflect.TypeOf(in.Target)
	if pointer == nil || pointer.Kind() != reflect.Pointer {
		return nil
	}
	target := pointer.Elem()
	if target == reflect.TypeFor[io.Reader]() || slices.Contains(n.ignored, target) {
		return nil
	}
	contentType := c.Request.Header.Get("Content-Type")
	mediaType, parameters, err := requestType(contentType)
	if err != nil {
		return err
	}
	body := &source{Reader: in.Body}
	for _, known := range n.registrations {
		if !known.mediaType.Contains(mediaType) {
			continue
		}
		if !isUTF8(parameters["charset"]) {
			return app.NewError(http.StatusUnsupportedMediaType, "the charset is not UTF-8")
		}
		if target.Kind() == reflect.Pointer && body.isEmpty() {
			reflect.ValueOf(in.Target).Elem().SetZero()
			in.Done = true
			return nil
		}
		err := known.converter.Deserialize(contentType, body, in.Target)
		if errors.Is(err, ErrUnsupported) {
			continue
		}
		if err != nil {
			return body.failure(known.mediaType, err)
		}
		in.Done = true
		return nil
	}
	return nil
}

// requestType reads the Content-Type of a request. A request without one has a
// type that only */* contains.
func requestType(contentType string) (httpheader.MediaType, map[string]string, error) {
	if contentType == "" {
		return httpheader.MediaType{}, nil, nil
	}
	parsed, parameters, err := httpheader.ParseContentType(contentType)
	if err != nil {
		return httpheader.MediaType{}, nil, &app.Error{
			Status: http.StatusBadRequest, Message: "the Content-Type cannot be read", Err: fmt.Errorf("content type %q: %w", contentType, err),
		}
	}
	return parsed, parameters, nil
}

// isUTF8 reports whether text in a charset, "" for none named, can be read as
// UTF-8.
func isUTF8(charset string) bool {
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii":
		return true
	default:
		return false
	}
}

// A source is a body that remembers why it could not be read, whatever error a
// converter makes of that.
type source struct {
	io.Reader

	err error // of Reader, but io.EOF
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// isEmpty reports whether the body ends before its first byte.
func (s *source) isEmpty() bool {
	var first [1]byte
	n, err := io.ReadFull(s.Reader, first[:])
	if n == 0 && errors.Is(err, io.EOF) {
		return true
	}
	if n == 0 {
		s.Reader = failing{err}
		return false
	}
	s.Reader = io.MultiReader(bytes.NewReader(first[:]), s.Reader)
	return false
}

// failing is a body that cannot be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// failure returns the error of a receive whose converter has failed: 400, since
// it is the client's fault, unless the body, or else the converter, has failed
// with an error that has a status or meaning of its own.
func (s *source) failure(as httpheader.MediaType, err error) error {
	if s.err != nil {
		err = s.err
	}
	err = fmt.Errorf("read %s: %w", as, err)
	if errors.As(err, new(interface{ StatusCode() int })) || errors.As(err, new(*http.MaxBytesError)) {
		return err
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, app.ErrStopping, http.ErrAbortHandler, http.ErrBodyReadAfterClose} {
		if errors.Is(err, known) {
			return err
		}
	}
	return &app.Error{Status: http.StatusBadRequest, Message: "the body cannot be read", Err: err}
}
