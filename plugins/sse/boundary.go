package sse

import "bytes"

// A boundary finds where one event of a stream ends and the next has not begun,
// in text that comes in pieces of any size (HTML standard, section 9.2.5). There,
// and nowhere else, a comment can be put in. A line of a comment belongs to no
// event, so that the text between two events may have some:
//
//	data: a\r\n      inside
//	\r\n             between: the event is over
//	: ping\n          between
//	data: b\ndata:    inside
//
// It does not stand behind a CR to which an LF may yet come. Of a stream whose
// lines have ended with CR alone that is known, and it stands between events behind
// the CR of an empty line. The zero boundary is at the start of a stream.
type boundary struct {
	line  linePart
	event eventPart
	end   lineEnd
}

// linePart is where in a line the text has come to.
type linePart uint8

const (
	lineStart linePart = iota
	lineComment
	lineField
)

// eventPart is whether a field has come since the last empty line.
type eventPart uint8

const (
	eventNone eventPart = iota
	eventBegun
)

// lineEnd is what is known of how lines end.
type lineEnd uint8

const (
	lineEndKnown  lineEnd = iota // the last line is over, whatever comes
	lineEndOpen                  // it has ended with CR, and LF may follow
	lineEndCR                    // it has ended with CR, as others have without an LF behind
	lineEndCRSeen                // others have
)

// between reports whether the text stands between two events, or at the start.
func (b *boundary) between() bool {
	return b.line == lineStart && b.event == eventNone && b.end != lineEndOpen
}

// pass goes beyond text, and returns how many events end in it.
func (b *boundary) pass(text []byte) (events int) {
	for len(text) > 0 {
		if text[0] == '\n' && (b.end == lineEndOpen || b.end == lineEndCR) {
			b.end = lineEndKnown // it belongs to the CR
			text = text[1:]
			continue
		}
		if b.end == lineEndOpen || b.end == lineEndCR {
			b.end = lineEndCRSeen
		}
		length := endOfLine(text)
		if b.line == lineStart && length > 0 {
			b.line = lineField
			if text[0] == ':' {
				b.line = lineComment
			}
		}
		if b.line == lineField {
			b.event = eventBegun
		}
		if length == len(text) {
			return events
		}
		if b.line == lineStart && b.event == eventBegun {
			b.event = eventNone
			events++
		}
		b.line = lineStart
		if text[length] == '\r' {
			if b.end == lineEndCRSeen {
				b.end = lineEndCR
			} else {
				b.end = lineEndOpen
			}
		}
		text = text[length+1:]
	}
	return events
}

// endOfLine returns how many bytes there are in front of the first line end.
func endOfLine(text []byte) int {
	end := bytes.IndexByte(text, '\n')
	if end < 0 {
		end = len(text)
	}
	if cr := bytes.IndexByte(text[:end], '\r'); cr >= 0 {
		return cr
	}
	return end
}
