package callid

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Dictionary holds the characters that an id may have by default.
//
// Ktor: CALL_ID_DEFAULT_DICTIONARY.
const Dictionary = "abcdefghijklmnopqrstuvwxyz0123456789+/=-"

// A Source returns an id for a call, or "" if it has none. It runs for calls of
// several goroutines at once.
//
// Ktor: CallIdProvider.
type Source func(c *app.Call) string

// A Verifier reports whether an id may be used. One that may not is skipped,
// and the next source is asked. An error ends the call: a [*RejectedError] with
// 400, any other as an error of a handler would. It runs for calls of several
// goroutines at once.
//
// Ktor: CallIdVerifier.
type Verifier func(id string) (bool, error)

// Config configures [Plugin]. It is read when the plugin is installed; later
// changes have no effect. Start returns the mistakes in it, with the line of
// the installation.
//
// Ktor: CallIdConfig.
type Config struct {
	// MaxLength is how many bytes an id may have; a longer one is refused with
	// 400. 256 by default; below 1 is a mistake.
	MaxLength int

	retrieve, generate []Source
	replies            []func(c *app.Call, id string)
	verify             Verifier
	dictionary         string // of verify, "" if it has none
	texts              []text
	mistakes           mistakes.List
}

func defaultConfig() Config {
	c := Config{MaxLength: 256}
	c.VerifyDictionary(Dictionary, false)
	return c
}

// Header takes ids from a header of the request, and sends the id of the call
// in the same header of the response: it is [Config.RetrieveFromHeader] and
// [Config.ReplyToHeader].
//
// Ktor: header.
func (c *Config) Header(name string) {
	c.checkReplyHeader(name)
	c.Retrieve(fromHeader(name))
	c.Reply(toHeader(name))
}

// RetrieveFromHeader takes ids from a header of the request, the first if there
// are several. A name that no header can have is a mistake.
//
// Ktor: retrieveFromHeader.
func (c *Config) RetrieveFromHeader(name string) {
	c.checkHeader(name)
	c.Retrieve(fromHeader(name))
}

// ReplyToHeader sends the id of the call in a header of the response, wherever
// the id comes from. A name that no header can have, and a header that says how
// a body is sent, such as Content-Length, are mistakes.
//
// Ktor: replyToHeader.
func (c *Config) ReplyToHeader(name string) {
	c.checkReplyHeader(name)
	c.Reply(toHeader(name))
}

// Retrieve adds a source that takes the id from the request. Nil is a mistake.
//
// Ktor: retrieve.
func (c *Config) Retrieve(source Source) { c.retrieve = c.add(c.retrieve, source) }

// Generate adds a source for calls whose request brings no id that passes. Nil
// is a mistake.
//
// Ktor: generate.
func (c *Config) Generate(source Source) { c.generate = c.add(c.generate, source) }

func (c *Config) add(sources []Source, source Source) []Source {
	if source == nil {
		c.mistakes.Add(errors.New("a source is nil"))
		return sources
	}
	return append(sources, source)
}

// GenerateText adds a source of random ids of length characters from
// dictionary: 64 for 0, [Dictionary] for "". They tell calls apart and are no
// secret. A negative length, one over MaxLength, and a dictionary that has one
// character, one twice, or one outside printable ASCII or the verifier's
// dictionary are mistakes.
//
// Ktor: generate, with a length and a dictionary.
func (c *Config) GenerateText(length int, dictionary string) {
	if length == 0 {
		length = defaultLength
	}
	if dictionary == "" {
		dictionary = Dictionary
	}
	added := text{length, dictionary}
	c.texts = append(c.texts, added)
	c.Generate(added.generate)
}

// Verify sets the verifier of retrieved and generated ids, in place of the one
// before. Nil is a mistake.
//
// Ktor: verify.
func (c *Config) Verify(verifier Verifier) {
	if verifier == nil {
		c.mistakes.Add(errors.New("the verifier is nil"))
		return
	}
	c.verify, c.dictionary = verifier, ""
}

// VerifyDictionary sets a verifier that lets the characters of dictionary pass,
// in place of the one before. Other ids are refused with 400 if reject is true,
// else skipped. An empty dictionary is a mistake.
//
// Ktor: verify, with a dictionary.
func (c *Config) VerifyDictionary(dictionary string, reject bool) {
	if dictionary == "" {
		c.mistakes.Add(errors.New("the dictionary of the verifier is empty"))
		return
	}
	c.Verify(func(id string) (bool, error) {
		passes := consistsOf(id, dictionary)
		if !passes && reject {
			return false, &RejectedError{ID: id}
		}
		return passes, nil
	})
	c.dictionary = dictionary
}

// Reply adds a function that is given each call with its id as soon as the id
// is known, to send it back. Nil is a mistake.
//
// Ktor: reply.
func (c *Config) Reply(reply func(c *app.Call, id string)) {
	if reply == nil {
		c.mistakes.Add(errors.New("a reply is nil"))
		return
	}
	c.replies = append(c.replies, reply)
}

// checkHeader records a name that no header can have (RFC 9110 section 5.1).
func (c *Config) checkHeader(name string) {
	if !httpheader.IsToken(name) {
		c.mistakes.Add(fmt.Errorf("%q is not the name of a header", name))
	}
}

// checkReplyHeader records a name that no header can have, or that an id would
// break the response in.
func (c *Config) checkReplyHeader(name string) {
	if httpheader.IsOfOneBody(name) {
		c.mistakes.Add(fmt.Errorf("header %s: an id cannot be sent in it", name))
		return
	}
	c.checkHeader(name)
}

func fromHeader(name string) Source {
	return func(c *app.Call) string { return c.Request.Header.Get(name) }
}

func toHeader(name string) func(c *app.Call, id string) {
	return func(c *app.Call, id string) { c.Header().Set(name, id) }
}

func consistsOf(id, characters string) bool { return strings.TrimLeft(id, characters) == "" }
