package app

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"path"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
)

// What a handler does wrong without an error that it would return is said here,
// once for each endpoint: it is the same mistake in every call.

// said are the mistakes of an endpoint's handlers that the log has.
type said struct{ mistakes atomic.Uint32 }

const (
	saidSilent uint32 = 1 << iota
	saidSecond
	saidLateStatus
	saidLateHeader
)

// first reports whether a mistake was not said before, and notes that it is.
func (s *said) first(mistake uint32) bool {
	return s.mistakes.Load()&mistake == 0 && s.mistakes.Or(mistake)&mistake == 0
}

// warn says a mistake of the endpoint that the call has reached, unless it was
// said before. The details are looked for only if it is said: the mistake is in
// every call.
func (c *Call) warn(mistake uint32, what string, details func() []any) {
	if c.Endpoint().said.first(mistake) {
		c.logger().Warn(what+"; logged once for each route", append(details(), "route", c.Route(), "path", c.Request.URL.Path)...)
	}
}

// secondAnswerError is the error of an answer that comes when there is one.
type secondAnswerError struct {
	site   Site // the line that asked for it
	now    int  // the status of the answer that stands, 0 if it has none
	inHook bool // a hook of the commit asked for it
}

func (e *secondAnswerError) Error() string {
	text := ErrAnswered.Error()
	if e.now != 0 {
		text += fmt.Sprintf(", with %d", e.now)
	}
	if e.inHook {
		return text + ": a send hook answers by Call.Replace"
	}
	return text + ": return after the first answer"
}

func (e *secondAnswerError) Unwrap() error { return ErrAnswered }

// answeredAlready returns the error of a second answer, and keeps it: if nobody
// looks at it, the log does.
func (c *Call) answeredAlready() error {
	second := &secondAnswerError{callerOutside(), c.Status(), c.running != 0}
	c.seldom().second = second
	return fmt.Errorf("respond: %w", second)
}

// sayMistakes says what went unnoticed in a call that is over.
func (c *Call) sayMistakes() {
	if c.rare != nil && c.rare.second != nil && !errors.Is(c.rare.failure, c.rare.second) {
		c.warn(saidSecond, "a second answer was left out, and its error dropped", func() []any { return withStack(c.rare.second) })
	}
	if header := c.answer.out.Header; c.answer.stage == stageSent && len(header) > int(c.headers) && c.headers < math.MaxUint8 {
		late := lateHeaders(header) - int(c.headers)
		if _, dated := header["Date"]; dated && c.Request.ProtoMajor > 2 {
			late-- // that of quic-go, which sets it when the head leaves
		}
		if late > 0 {
			c.warn(saidLateHeader, "headers were set after the head of the response had left, and are lost: set them before the first flush",
				func() []any { return []any{"count", late} })
		}
	}
}

// lateHeaders counts the fields of a header that cannot be set late, as
// trailers can.
func lateHeaders(header http.Header) int {
	count := len(header)
	for name := range header {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			count--
		}
	}
	for _, announced := range header["Trailer"] {
		for name := range strings.SplitSeq(announced, ",") {
			if _, set := header[http.CanonicalHeaderKey(strings.TrimSpace(name))]; set {
				count--
			}
		}
	}
	return count
}

// callerOutside returns the line outside of this package that has called it.
func callerOutside() Site {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, ownPackage) {
			return Site{File: frame.File, Line: frame.Line}
		}
		if !more {
			return Site{}
		}
	}
}

// ownPackage is how the names of the functions of this package begin.
const ownPackage = "github.com/chitor-go/chitor/app."

// nameOfFunction returns the name of a function and the line that declares it,
// as in "users.forgot at users/module.go:12".
func nameOfFunction(function any) string {
	entry := reflect.ValueOf(function).Pointer()
	found := runtime.FuncForPC(entry)
	if found == nil {
		return "unknown"
	}
	file, line := found.FileLine(entry)
	return path.Base(found.Name()) + " at " + Site{File: file, Line: line}.String()
}
