package sessions

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
)

// A record is a slot with the value in it.
type record interface{ untyped() *slot }

// slot is what a call knows of one session, and what becomes of it.
type slot struct {
	provider *provider

	loaded bool
	found  bool   // there is a session: what is below
	stored        // as it was loaded, or as it is to be kept
	kept   bool   // the storage has it under the ID
	owner  string // whose it is, of what was loaded as soon as there is a value
	sealed string // by value: what the client is to have

	does change
	dead []string // IDs to be forgotten
	told bool     // the response says something to the client
}

// change is what is to be done about a session.
type change uint8

const (
	keep   change = iota // nothing
	touch                // send it anew
	write                // keep and send another value
	revoke               // tell the client that there is none
)

func (s *slot) untyped() *slot { return s }

// load loads the session, once.
func (s *slot) load(c *app.Call, late bool) error {
	if s.loaded {
		return nil
	}
	loaded, found, err := s.provider.load(c)
	if err != nil {
		return err
	}
	s.loaded, s.found, s.kept = true, found, found
	if found {
		s.stored = loaded
		if !late && s.provider.isDue(&s.stored, time.Now()) {
			s.does = touch
		}
	}
	return nil
}

// set notes the bytes of another value.
func (s *slot) set(payload []byte, owner string) error {
	if s.found && s.does != write && bytes.Equal(payload, s.payload) {
		return nil
	}
	if !s.found {
		s.stored = stored{created: time.Now().Unix()}
	}
	changed := s.owner != owner
	if s.provider.storage == nil {
		sealed, err := s.provider.seal(payload, s.created, time.Now())
		if err != nil {
			return err
		}
		s.sealed = sealed
	} else if s.id == "" {
		s.id = newID()
	}
	s.found, s.payload, s.owner, s.does = true, payload, owner, write
	if changed {
		s.renewID()
	}
	return nil
}

// clear notes that there is no session any more.
func (s *slot) clear(c *app.Call) {
	if s.kept && s.provider.storage != nil {
		s.dead = append(s.dead, s.id)
	}
	s.stored, s.found, s.kept, s.owner, s.sealed = stored{}, false, false, "", ""
	s.does = keep
	if s.told || s.provider.transport.receive(c.Request) != "" {
		s.does = revoke
	}
}

// renewID notes that the session is to have another ID.
func (s *slot) renewID() {
	if !s.found || s.provider.storage == nil || !s.kept {
		return
	}
	s.dead = append(s.dead, s.id)
	s.id, s.kept, s.does = newID(), false, write
}

// apply does what is to be done, and has the response tell the client.
func (s *slot) apply(c *app.Call, header http.Header) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), writeTimeout)
	defer cancel()
	if err := s.store(ctx); err != nil {
		return err
	}
	for len(s.dead) > 0 {
		if err := s.provider.storage.Delete(ctx, s.provider.key(s.dead[0])); err != nil {
			return err
		}
		s.dead = s.dead[1:]
	}
	return s.tell(c, header)
}

// store has the storage keep the session. If it has ended meanwhile, that stands,
// and the client is told nothing: it may have got another one by now.
func (s *slot) store(ctx context.Context) error {
	p, now := s.provider, time.Now()
	if s.does != touch && s.does != write {
		return nil
	}
	s.expires = p.lifetimes.expiry(now.Unix(), s.created)
	if p.storage == nil {
		return nil
	}
	var err error
	switch key := p.key(s.id); {
	case s.does == touch:
		err = p.storage.Touch(ctx, key, s.expires)
	case s.kept:
		err = p.storage.Update(ctx, key, s.record(now))
	default:
		err = p.storage.Save(ctx, key, s.record(now))
	}
	if errors.Is(err, ErrNoSession) {
		s.stored, s.found, s.kept, s.does = stored{}, false, false, keep
		return nil
	}
	s.kept = err == nil || s.kept
	return err
}

// record returns what a storage is to keep.
func (s *slot) record(now time.Time) Record {
	e := envelope{max(now.Unix(), s.created), s.created, s.payload}
	data := e.append(make([]byte, 0, envelopeRoom+len(s.payload)))
	return Record{Data: data, Owner: s.provider.ownerKey(s.owner), Expires: s.expires}
}

// tell has the response carry what the client is to have.
func (s *slot) tell(c *app.Call, header http.Header) error {
	p := s.provider
	switch s.does {
	case revoke:
		p.transport.clear(header, isHTTPS(c))
		s.told = true
	case touch, write:
		text, err := s.text()
		if err != nil {
			return err
		}
		left := time.Duration(s.expires.Unix()-time.Now().Unix()) * time.Second
		p.transport.send(header, text, left, isHTTPS(c))
		s.told = true
	}
	s.does = keep
	return nil
}

func (s *slot) text() (string, error) {
	switch {
	case s.provider.storage != nil:
		return s.provider.writeID(s.id)
	case s.does == write:
		return s.sealed, nil
	default:
		return s.provider.seal(s.payload, s.created, time.Now())
	}
}
