package sse

import (
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
)

// errMissed tells a client that has missed something, and is told no other way, not
// to come back.
var errMissed = app.NewError(http.StatusNoContent, "the client has missed events")

// refuseMissed returns what is answered to a client that has missed something, and
// is told no other way. It waits for brokers that know of it, but no longer than
// the head does.
func (s *Session) refuseMissed(members []*member) error {
	for _, m := range members {
		if m.hub.config.Missed != nil {
			continue
		}
		if answered := m.ask(); answered != nil {
			select {
			case <-answered:
			case <-s.ctx.Done():
			case <-time.After(patience - s.age()):
			}
		}
		if _, missed, _ := m.comeback.state(); missed && s.refuse(&failure{errMissed}) {
			return errMissed
		}
	}
	return nil
}

// hasMissed reports whether the client of a session is to be told that events are
// lost.
func (h *Hub) hasMissed(s *Session) bool {
	s.mu.Lock()
	m := s.memberOf(h)
	s.mu.Unlock()
	if m == nil {
		return false
	}
	_, missed, _ := m.comeback.state()
	return missed
}

// tellMissed tells the client that events are lost. Where there is no event for it,
// the client has to come back.
func (m *member) tellMissed() error {
	c := &m.comeback
	c.mu.Lock()
	missed := c.missed
	c.missed = nil
	c.mu.Unlock()
	if len(missed) == 0 {
		return nil
	}
	m.hub.counts.missed.Add(1)
	compose := m.hub.config.Missed
	if compose == nil {
		return m.sendBack()
	}
	event := compose(missed)
	event.ID = ""
	return m.session.send(event)
}

// sendBack ends a session whose client has missed something and cannot be told:
// it has to come back for that.
func (m *member) sendBack() error {
	m.session.cancel(ErrLagged)
	return m.session.over("deliver events")
}
