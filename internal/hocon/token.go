package hocon

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
)

// kind is what a token is. Those of one character are that character.
type kind rune

const (
	endOfFile    kind = iota
	text              // without quotes
	number            // as JSON writes it
	quoted            // with quotes, one or three
	plusEquals        // +=
	substitution      // ${
	optional          // ${?
)

type token struct {
	kind   kind
	site   app.Site
	text   string // of text, number and quoted, as it was written but for quotes
	before string // the white space before it
}

// simple is whether the token is a text, a number, a boolean or null.
func (t token) simple() bool { return t.kind == text || t.kind == number || t.kind == quoted }

// String says what was found, for errors.
func (t token) String() string {
	switch t.kind {
	case endOfFile:
		return "the end of the file"
	case '\n':
		return "the end of the line"
	case plusEquals:
		return "+="
	case substitution:
		return "${"
	case optional:
		return "${?"
	case text, number:
		return glimpse([]byte(t.text))
	case quoted:
		return "the text " + glimpse([]byte(t.text))
	}
	return string(rune(t.kind))
}

// hint says what to do if the token was meant to be part of a text.
func (t token) hint() string {
	switch t.kind {
	case ':', '=', '{', '}', '[', ']', plusEquals:
		return " (quote a text that contains it)"
	}
	return ""
}

// glimpse returns the beginning of a text in the way that errors show it.
func glimpse(text []byte) string {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	const most = 20
	if utf8.RuneCount(text) > most {
		text = append([]byte(string([]rune(string(text[:min(len(text), 4*most)]))[:most])), "..."...)
	}
	shown := strconv.Quote(string(text))
	return strings.TrimSuffix(strings.TrimPrefix(shown, `"`), `"`)
}
