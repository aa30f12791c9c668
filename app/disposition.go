package app

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// maxFileName is how many bytes a file name has at most on most systems.
const maxFileName = 255

// Attachment returns the value of a Content-Disposition header that has a
// browser save the response as a file (RFC 6266):
//
//	c.Header().Set("Content-Disposition", app.Attachment(name))
//
// The name may be any text, also one that somebody else has chosen. It is sent
// in ASCII, and in UTF-8 too if that is another text (RFC 8187). Of a path its
// last element counts, with / and \; control characters, such as the ends of
// lines, and those that change the direction of text are left out, and so are
// spaces and dots at the end. It is cut behind 255 bytes, before its extension.
// If nothing remains, no name is sent.
//
// Ktor: ContentDisposition.Attachment.
func Attachment(name string) string { return disposition("attachment", name) }

// Inline is [Attachment] for a response that a browser shows, and saves under
// that name if it is asked to.
//
// Ktor: ContentDisposition.Inline.
func Inline(name string) string { return disposition("inline", name) }

func disposition(kind, name string) string {
	name = fileName(name)
	if name == "" {
		return kind
	}
	plain := strings.Map(plainRune, name)
	value := kind + "; filename="
	if httpheader.IsToken(plain) {
		value += plain
	} else {
		value += `"` + plain + `"`
	}
	if plain == name {
		return value
	}
	return value + "; filename*=UTF-8''" + percentEncoded(name)
}

// fileName returns what of a name can be that of a file.
func fileName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	if len(name) <= maxFileName {
		return name
	}
	extension := path.Ext(name)
	if len(extension) > 32 {
		extension = ""
	}
	end := maxFileName - len(extension)
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return strings.TrimRight(name[:end], ". ") + extension
}

// plainRune replaces what every client may read in another way: what is not
// ASCII, what has a meaning in a quoted string, and the percent sign, which
// some decode.
func plainRune(r rune) rune {
	if r > unicode.MaxASCII || strings.ContainsRune(`"\%`, r) {
		return '_'
	}
	return r
}

// percentEncoded encodes text as the value of an extended parameter (RFC 8187
// section 3.2.1).
func percentEncoded(text string) string {
	const hex = "0123456789ABCDEF"
	var encoded strings.Builder
	for i := range len(text) {
		c := text[i]
		if c < utf8.RuneSelf && httpheader.IsToken(text[i:i+1]) && !strings.Contains("*'%", text[i:i+1]) {
			encoded.WriteByte(c)
			continue
		}
		encoded.WriteByte('%')
		encoded.WriteByte(hex[c>>4])
		encoded.WriteByte(hex[c&15])
	}
	return encoded.String()
}
