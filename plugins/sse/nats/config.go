package nats

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chitor-go/chitor/plugins/sse"
)

const (
	// longestName is how long the name of a stream may be, of which the server
	// makes the name of a directory.
	longestName = 64
	// duplicates is for how long the server knows the ID of a message. It has to
	// be longer than Publish may send the same message again.
	duplicates = patience + 5*time.Second
)

// Config configures a [Broker]. It is read when the broker is made; later
// changes have no effect. A setting that is negative is a mistake; 0 switches a
// limit off.
//
// The limits are those of the stream, for all hubs that share it. A message
// that exceeds one of them makes the oldest go. A hub whose clients need one
// that has gone tells them that they have missed something.
type Config struct {
	// Name is the name of the stream and the first token of its subjects:
	// "sse.EPOCH.TOPIC" of the stream "sse". The hubs of all nodes that name the
	// same stream share its events; two hubs of one application need two names.
	// It is of at most 64 letters, digits, hyphens and underscores of ASCII.
	// "sse" by default.
	Name string
	// MaxMessages is how many messages the stream keeps. 100,000 by default.
	MaxMessages int64
	// MaxBytes is how many bytes of messages the stream keeps, on each server
	// that has a replica of it. 64 MiB by default.
	MaxBytes int64
	// MaxAge is how long the stream keeps a message. An hour by default.
	MaxAge time.Duration
	// Memory keeps the stream in the memory of the server and not in files: it
	// is lost when the server stops. A cluster may not have such a stream, since
	// it would begin anew there without anyone being told. Off by default.
	Memory bool
	// Replicas is how many servers of a cluster have the stream: 1, the default,
	// or 3 or 5. A stream with 3 of them survives the loss of one.
	Replicas int
	// Update gives the limits above to a stream that exists and has others. By
	// default that is an error, which says what differs. A server refuses to
	// change Memory.
	Update bool
	// Options are for the connection that [Connect] makes, such as
	// [nats.UserCredentials] and [nats.RootCAs]. None by default.
	Options []nats.Option
}

func configured(functions []func(*Config)) (Config, error) {
	config := Config{
		Name:        "sse",
		MaxMessages: 100_000,
		MaxBytes:    64 << 20,
		MaxAge:      time.Hour,
		Replicas:    1,
	}
	for _, configure := range functions {
		if configure == nil {
			return config, errors.New("configure: the configuration function is nil")
		}
		configure(&config)
	}
	if err := config.check(); err != nil {
		return config, fmt.Errorf("configure: %w", err)
	}
	return config, nil
}

func (c *Config) check() error {
	var wrong []error
	plain := strings.IndexFunc(c.Name, func(char rune) bool { return char > 127 || !isPlain(byte(char)) }) < 0
	if c.Name == "" || len(c.Name) > longestName || !plain {
		wrong = append(wrong, fmt.Errorf(
			"name %.100q is not 1 to %d letters, digits, hyphens and underscores", c.Name, longestName))
	}
	for _, limit := range []struct {
		name  string
		value int64
	}{{"MaxMessages", c.MaxMessages}, {"MaxBytes", c.MaxBytes}, {"MaxAge", int64(c.MaxAge)}} {
		if limit.value < 0 {
			wrong = append(wrong, fmt.Errorf("%s is negative", limit.name))
		}
	}
	if c.MaxAge > 0 && c.MaxAge < duplicates {
		wrong = append(wrong, fmt.Errorf("MaxAge is %s, and has to be %s at least", c.MaxAge, duplicates))
	}
	if c.Replicas < 1 || c.Replicas > 5 {
		wrong = append(wrong, fmt.Errorf("the number of replicas is %d, and has to be 1 to 5", c.Replicas))
	}
	return errors.Join(wrong...)
}

// prefix is what the subjects of an epoch begin with. The epoch is in them so
// that what is published to one that is over finds no stream.
func (c *Config) prefix(epoch string) string { return c.Name + "." + epoch + "." }

// stream returns the stream that the configuration asks for, with a new epoch.
func (c *Config) stream() jetstream.StreamConfig {
	return c.onto(jetstream.StreamConfig{
		Name:        c.Name,
		Description: "events of a hub of github.com/chitor-go/chitor",
		Subjects:    c.newSubjects(),
	})
}

func (c *Config) newSubjects() []string {
	return []string{c.prefix(strconv.FormatInt(time.Now().UnixNano(), 36)) + "*"}
}

// epochOf returns the epoch of a stream, and "" if it has other subjects than
// those of a stream that a broker has made.
func (c *Config) epochOf(stream jetstream.StreamConfig) string {
	if len(stream.Subjects) != 1 {
		return ""
	}
	tokens := strings.Split(stream.Subjects[0], ".")
	if len(tokens) != 3 || tokens[0] != c.Name || tokens[2] != "*" {
		return ""
	}
	if _, err := sse.ParsePosition(tokens[1] + "-0"); err != nil {
		return ""
	}
	return tokens[1]
}

// onto returns a stream with what this configuration says in place of its own.
func (c *Config) onto(stream jetstream.StreamConfig) jetstream.StreamConfig {
	if c.epochOf(stream) == "" {
		stream.Subjects = c.newSubjects()
	}
	stream.Retention = jetstream.LimitsPolicy
	stream.Discard = jetstream.DiscardOld
	stream.MaxMsgs = orUnlimited(c.MaxMessages)
	stream.MaxBytes = orUnlimited(c.MaxBytes)
	stream.MaxMsgsPerSubject = -1
	stream.MaxAge = c.MaxAge
	stream.Duplicates = duplicates
	stream.Replicas = c.Replicas
	stream.Storage = jetstream.FileStorage
	if c.Memory {
		stream.Storage = jetstream.MemoryStorage
	}
	return stream
}

// orUnlimited returns a limit as a server has it, where -1 is none.
func orUnlimited(limit int64) int64 {
	if limit == 0 {
		return -1
	}
	return limit
}

// differences says how an existing stream differs from the configuration, and
// returns nothing if it does not. What a Config does not have may be anything.
func (c *Config) differences(stream jetstream.StreamConfig) []string {
	wanted := c.onto(stream)
	var found []string
	for _, setting := range []struct {
		name      string
		has, want any
	}{
		{"subjects", fmt.Sprint(stream.Subjects), fmt.Sprint(wanted.Subjects)},
		{"retention", stream.Retention, wanted.Retention},
		{"discard policy", stream.Discard, wanted.Discard},
		{"messages (MaxMessages)", stream.MaxMsgs, wanted.MaxMsgs},
		{"bytes (MaxBytes)", stream.MaxBytes, wanted.MaxBytes},
		{"messages of a subject", stream.MaxMsgsPerSubject, wanted.MaxMsgsPerSubject},
		{"age (MaxAge)", stream.MaxAge, wanted.MaxAge},
		{"window for duplicates", stream.Duplicates, wanted.Duplicates},
		{"storage (Memory)", stream.Storage, wanted.Storage},
		{"replicas (Replicas)", stream.Replicas, wanted.Replicas},
	} {
		if setting.has != setting.want {
			found = append(found, fmt.Sprintf("%s %v and not %v", setting.name, setting.has, setting.want))
		}
	}
	return found
}
