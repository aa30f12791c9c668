package sse

import (
	"fmt"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
)

// errMissed tells a client that has missed something, and is told no other way, not
// to come back.
var errMissed = app.NewError(http.StatusNoContent, "the client has missed events")

// idMissed is the ID of a client that is to be told so when it comes back, because
// the head of its stream had left when it was known. It is no [Position].
const idMissed = "chitor-missed"

// errSentBack is the cause of a session that has ended for that. Its stream is cut
// off, because some clients do not come back after a clean end.
var errSentBack = fmt.Errorf("%w: it has missed events, and is told when it comes back", ErrLagged)

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
		if _, missed, _ := m.comeback().state(); missed && s.refuse(&failure{errMissed}) {
			return errMissed
		}
	}
	return nil
}

// hasMissed reports whether the client of a session is to be told that events are
// lost.
func (h *Hub) hasMissed(s *Session) bool {
	m := s.joined().memberOf(h)
	if m == nil {
		return false
	}
	_, missed, _ := m.comeback().state()
	return missed
}

// tellMissed tells the client that events are lost. Where there is no event for it,
// the client has to come back.
func (m *member) tellMissed() error {
	missed := m.comeback().takeMissed()
	if len(missed) == 0 {
		return nil
	}
	m.hub.counts.missed.Add(1)
	compose := m.hub.config.Missed
	if compose == nil {
		return m.to.sendBack()
	}
	event := compose(missed)
	event.ID = ""
	return m.to.tellMissed(event)
}

// tellMissed sends what tells of events that are lost.
func (s *Session) tellMissed(event Event) error {
	s.lockToDeliver()
	defer s.sendDueAndUnlock()
	return s.sendLocked(event)
}

// sendBack ends the stream of a client that comes back to be answered 204.
func (s *Session) sendBack() error {
	s.lockToDeliver()
	defer s.sendDueAndUnlock()
	if err := s.over("send event"); err != nil {
		return err
	}
	if err := s.pushID(idMissed); err != nil {
		return err
	}
	s.cancel(errSentBack)
	return errSentBack
}
