package jwt

import (
	"bytes"
	"encoding/json"
)

// A walker goes through JSON that is valid, and so needs not look at everything.
// On anything else it stops early, within the text.
type walker struct {
	text []byte
	at   int
}

// eachMember calls visit with the members of an object, until it returns false.
// It reports whether the text is an object, and visit has always returned true.
// The name of a member that is not needed may be any text but that of a claim.
func eachMember(object []byte, visit func(name string, value []byte) bool) bool {
	w := walker{text: object}
	if w.next() != '{' {
		return false
	}
	for w.at++; w.next() == '"'; {
		name := w.value()
		if w.next() != ':' {
			return false
		}
		w.at++
		if !visit(nameOf(name), w.value()) {
			return false
		}
		if w.next() == ',' {
			w.at++
		}
	}
	return w.next() == '}'
}

// eachElement calls visit with the elements of a list, until it returns false.
func eachElement(list []byte, visit func(value []byte) bool) {
	w := walker{text: list, at: 1}
	for w.next() != ']' && w.at < len(list) {
		if element := w.value(); len(element) == 0 || !visit(element) {
			return
		}
		if w.next() == ',' {
			w.at++
		}
	}
}

// nameOf returns the name of a member if it may be that of a registered claim.
func nameOf(value []byte) string {
	switch string(value) { // which the compiler compares without a copy
	case `"exp"`:
		return "exp"
	case `"nbf"`:
		return "nbf"
	case `"iat"`:
		return "iat"
	case `"iss"`:
		return "iss"
	case `"aud"`:
		return "aud"
	}
	if bytes.IndexByte(value, '\\') >= 0 {
		return unescaped(value)
	}
	return ""
}

func unescaped(value []byte) (name string) {
	_ = json.Unmarshal(value, &name) // it is valid
	return name
}

// next skips white space, and returns what comes next, 0 at the end.
func (w *walker) next() byte {
	for w.at < len(w.text) {
		switch c := w.text[w.at]; c {
		case ' ', '\t', '\r', '\n':
			w.at++
		default:
			return c
		}
	}
	return 0
}

// value skips a value, and returns it.
func (w *walker) value() []byte {
	w.next()
	start, depth := w.at, 0
	for w.at < len(w.text) {
		switch w.text[w.at] {
		case '"':
			w.skipText()
		case '{', '[':
			depth++
			w.at++
			continue
		case '}', ']':
			if depth == 0 {
				return w.text[start:w.at]
			}
			depth--
			w.at++
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return w.text[start:w.at]
			}
			w.at++
			continue
		default:
			w.at++
			continue
		}
		if depth == 0 {
			return w.text[start:w.at]
		}
	}
	return w.text[start:w.at]
}

// skipText skips a text with its quotes.
func (w *walker) skipText() {
	for w.at++; w.at < len(w.text) && w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			w.at++
		}
	}
	w.at = min(w.at+1, len(w.text))
}
