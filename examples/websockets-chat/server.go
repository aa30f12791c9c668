package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/websockets"
)

const (
	everybody    = "chat" // the topic that all have joined
	longestName  = 50     // characters
	keptMessages = 100
	fromServer   = "server"
	fromHelp     = "server::help"
	commands     = "Possible commands are: /user, /help and /who"
)

// A server knows who takes part. Its methods may be called from any goroutine.
//
// Ktor: ChatServer.
type server struct {
	hub    *sse.Hub
	logger *slog.Logger

	mu      sync.Mutex // guards what follows
	seen    int        // members there have been, for their names
	members map[string]*member
	last    []string // what was said last, the oldest first
}

// A member is one browser.
type member struct {
	name    string
	sockets int // windows
}

func newServer(hub *sse.Hub, logger *slog.Logger) *server {
	return &server{hub: hub, logger: logger, members: map[string]*member{}}
}

// topicOf is what all windows of a member have joined.
func topicOf(id string) string { return "member." + id }

// join lets a window take part until it is closed. What was said before it comes
// first, and nothing of it twice.
func (v *server) join(s *websockets.Session, id string) error {
	err := s.BeforeEvents(func() error {
		last, err := v.joinHub(s, id)
		for _, text := range last {
			if err := s.SendText(text); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	name, first := v.enter(id)
	s.OnEnd(func(error) { v.leave(context.WithoutCancel(s.Context()), id) })
	if !first {
		return nil
	}
	return v.say(s.Context(), everybody, fromServer, "Member joined: "+name+".")
}

// joinHub joins, and returns what was said until then.
func (v *server) joinHub(s *websockets.Session, id string) ([]string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.hub.Join(s, everybody, topicOf(id)); err != nil {
		return nil, err
	}
	return slices.Clone(v.last), nil
}

// enter counts a window of a member, and says whether it is the first one.
func (v *server) enter(id string) (name string, first bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	who := v.members[id]
	if who == nil {
		v.seen++
		who = &member{name: fmt.Sprintf("user%d", v.seen)}
		v.members[id] = who
	}
	who.sockets++
	return who.name, who.sockets == 1
}

// leave is the end of a window. The last one of a member takes its name along.
func (v *server) leave(ctx context.Context, id string) {
	v.mu.Lock()
	who := v.members[id]
	who.sockets--
	left := who.sockets == 0
	if left {
		delete(v.members, id)
	}
	v.mu.Unlock()
	if !left {
		return
	}
	if err := v.say(ctx, everybody, fromServer, "Member left: "+who.name+"."); err != nil {
		// The application stops.
		v.logger.DebugContext(ctx, "nobody is told who has left", "error", err)
	}
}

// received is what a member has written: a command, or a message for all.
func (v *server) received(ctx context.Context, id, text string) error {
	command, rest, _ := strings.Cut(text, " ")
	switch {
	case !strings.HasPrefix(text, "/"):
		return v.message(ctx, id, text)
	case command == "/who":
		return v.say(ctx, topicOf(id), "server::who", strings.Join(v.names(), ", "))
	case command == "/user":
		return v.rename(ctx, id, strings.TrimSpace(rest))
	case command == "/help":
		return v.say(ctx, topicOf(id), fromHelp, commands)
	default:
		return v.say(ctx, topicOf(id), fromHelp, "Unknown command "+command)
	}
}

func (v *server) names() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	names := make([]string, 0, len(v.members))
	for who := range maps.Values(v.members) {
		names = append(names, who.name)
	}
	slices.Sort(names)
	return names
}

// rename gives a member another name, and tells everybody.
func (v *server) rename(ctx context.Context, id, name string) error {
	switch {
	case name == "":
		return v.say(ctx, topicOf(id), fromHelp, "/user [newName]")
	case utf8.RuneCountInString(name) > longestName:
		return v.say(ctx, topicOf(id), fromHelp, fmt.Sprintf("new name is too long: %d characters limit", longestName))
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return v.say(ctx, topicOf(id), fromHelp, "a name has no invisible characters")
	}
	v.mu.Lock()
	who := v.members[id]
	before := who.name
	who.name = name
	v.mu.Unlock()
	return v.say(ctx, everybody, fromServer, "Member renamed from "+before+" to "+name)
}

// message tells everybody, and those who come later. One at a time does, so that what
// is kept has the order in which it was heard.
func (v *server) message(ctx context.Context, id, text string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	name := v.members[id].name
	if err := v.say(ctx, everybody, name, text); err != nil {
		return err
	}
	v.last = append(v.last, line(name, text))
	if len(v.last) > keptMessages {
		v.last = slices.Delete(v.last, 0, 1)
	}
	return nil
}

// say sends a line to all that have joined a topic.
func (v *server) say(ctx context.Context, topic, from, text string) error {
	return v.hub.Publish(ctx, topic, sse.Event{Data: line(from, text)})
}

func line(from, text string) string { return "[" + from + "] " + text }
