package nats

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/nats-io/nats.go"
)

const (
	// topicHeader holds, escaped, a topic that is too long for a subject.
	topicHeader = "Chitor-Topic"
	// longestToken is how long an escaped topic may be as a token of a subject.
	// A server takes lines of 4,096 bytes, on which other things stand too, and
	// holds every subject in memory.
	longestToken = 512
	// digestMark begins the token of a longer topic. Escaped text has none.
	digestMark = "~"

	upperHex = "0123456789ABCDEF"
)

// token returns a topic as one token of a subject: "room 1" is "room%201".
// Of a topic that is too long it is a digest, and then whole is the escaped
// topic for the header of its messages.
func token(topic string) (token, whole string) {
	escaped := escape(topic)
	if len(escaped) <= longestToken {
		return escaped, ""
	}
	digest := sha256.Sum256([]byte(topic))
	return digestMark + hex.EncodeToString(digest[:]), escaped
}

// topicOf returns the topic of a message, and "" if its subject is none that
// token makes: somebody else has published it.
func topicOf(prefix, subject string, header nats.Header) string {
	name, found := strings.CutPrefix(subject, prefix)
	if !found {
		return ""
	}
	escaped := name
	if strings.HasPrefix(name, digestMark) {
		escaped = header.Get(topicHeader)
	}
	topic, ok := unescape(escaped)
	if again, _ := token(topic); !ok || again != name {
		return ""
	}
	return topic
}

// escape writes all bytes but letters, digits, hyphens and underscores of ASCII
// as a percent sign and two digits, as URLs do.
func escape(text string) string {
	var escaped strings.Builder
	for i := range len(text) {
		if char := text[i]; isPlain(char) {
			escaped.WriteByte(char)
		} else {
			escaped.Write([]byte{'%', upperHex[char>>4], upperHex[char&15]})
		}
	}
	return escaped.String()
}

func isPlain(char byte) bool {
	return '0' <= char && char <= '9' || 'a' <= char && char <= 'z' ||
		'A' <= char && char <= 'Z' || char == '-' || char == '_'
}

// unescape reads what escape returns, and nothing else.
func unescape(escaped string) (string, bool) {
	text := make([]byte, 0, len(escaped))
	for i := 0; i < len(escaped); i++ {
		char := escaped[i]
		if char == '%' {
			if len(escaped) < i+3 {
				return "", false
			}
			high := strings.IndexByte(upperHex, escaped[i+1])
			low := strings.IndexByte(upperHex, escaped[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			char = byte(high<<4 | low)
			if isPlain(char) {
				return "", false
			}
			i += 2
		} else if !isPlain(char) {
			return "", false
		}
		text = append(text, char)
	}
	return string(text), true
}
