package sse

import (
	"iter"
	"maps"
)

// Choices are the topics that a member has joined, as they were at some moment: what
// is joined and left later does not change them. They can be compared.
type choices struct {
	member *member
	list   *several // nil if the member has never joined but its first topic
}

// A several is the memberships of who has joined several topics, or has left one. It
// does not change any more when the member has it.
type several struct {
	all     []*membership
	byTopic map[*topic]*membership // nil as long as all is short
	newest  bool                   // of some topics the newest event alone is wanted
}

// searchLimit is up to how many memberships a search finds one as fast as a map.
const searchLimit = 8

// choices returns what the member has joined.
func (m *member) choices() choices { return choices{m, m.several.Load()} }

// of returns the membership of a topic, nil if it is not joined.
func (c choices) of(t *topic) *membership {
	if c.list != nil {
		return c.list.of(t)
	}
	if c.member.first.topic == t {
		return &c.member.first
	}
	return nil
}

// all yields the memberships.
func (c choices) all() iter.Seq[*membership] {
	return func(yield func(*membership) bool) {
		if c.list == nil {
			yield(&c.member.first)
			return
		}
		for _, joined := range c.list.all {
			if !yield(joined) {
				return
			}
		}
	}
}

// newest reports whether of some topics the newest event alone is wanted.
func (c choices) newest() bool {
	if c.list == nil {
		return c.member.first.isNewest()
	}
	return c.list.newest
}

// isFirst reports whether a membership is the first one, of those that there are.
func (c choices) isFirst(joined *membership) bool {
	if c.list == nil {
		return joined == &c.member.first
	}
	return len(c.list.all) > 0 && joined == c.list.all[0]
}

// and returns the memberships with room for more of them.
func (c choices) and(more int) *several {
	if c.list == nil {
		s := &several{all: make([]*membership, 0, 1+more)}
		s.add(&c.member.first)
		return s
	}
	all := make([]*membership, 0, len(c.list.all)+more)
	return &several{append(all, c.list.all...), maps.Clone(c.list.byTopic), c.list.newest}
}

// without returns the memberships but those of some topics.
func (c choices) without(left map[*topic]bool) *several {
	s := &several{}
	for joined := range c.all() {
		if !left[joined.topic] {
			s.add(joined)
		}
	}
	return s
}

func (s *several) of(t *topic) *membership {
	if s.byTopic != nil {
		return s.byTopic[t]
	}
	for _, joined := range s.all {
		if joined.topic == t {
			return joined
		}
	}
	return nil
}

func (s *several) add(made *membership) {
	s.all = append(s.all, made)
	s.newest = s.newest || made.isNewest()
	switch {
	case s.byTopic != nil:
		s.byTopic[made.topic] = made
	case len(s.all) > searchLimit:
		s.byTopic = make(map[*topic]*membership, cap(s.all))
		for _, joined := range s.all {
			s.byTopic[joined.topic] = joined
		}
	}
}
