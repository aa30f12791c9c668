package datastar

import "strings"

// lines is the data of an event: lines that each begin with the name of what they
// carry, of which Datastar joins those with the same name by LF.
//
//	selector #feed
//	elements <ul>
//	elements </ul>
type lines struct{ text strings.Builder }

// add appends value under a name. LF, CR and CRLF end its lines, as they do in an
// event stream and in HTML, so that no value leaves its name.
func (l *lines) add(name, value string) {
	for {
		end := strings.IndexAny(value, "\r\n")
		if end < 0 {
			l.addLine(name, value)
			return
		}
		l.addLine(name, value[:end])
		if strings.HasPrefix(value[end:], "\r\n") {
			end++
		}
		value = value[end+1:]
	}
}

func (l *lines) addLine(name, value string) {
	if l.text.Len() > 0 {
		l.text.WriteByte('\n')
	}
	l.text.WriteString(name)
	l.text.WriteByte(' ')
	l.text.WriteString(value)
}
