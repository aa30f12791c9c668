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

	is     standing
	failed error  // why it could not be loaded
	stored        // as it was loaded, or as it is to be kept
	from   string // the ID that it has to be there under for another one to count
	owner  string // whose it is, of what was loaded as soon as there is a value
	sealed string // by value: what the client is to have

	does change
	dead []string // IDs to be forgotten
	told bool     // the response says something to the client
}

// standing is what is known of a session.
type standing uint8

const (
	unasked standing = iota // nobody has asked
	absent                  // there is none
	fresh                   // there is one, and the storage has not got it under its ID
	there                   // there is one, which was loaded or was kept
	ended                   // another call has ended it, and this one cannot bring it back
)

// found reports whether there is a session.
func (s *slot) found() bool { return s.is == fresh || s.is == there }

// change is what is to be done about a session.
type change uint8

const (
	keep     change = iota // nothing
	touch                  // send it anew
	write                  // keep and send another value
	revoke                 // tell the client that there is none
	withdraw               // take back what the response says
)

func (s *slot) untyped() *slot { return s }

// load loads the session, once. A storage that has failed is asked again only by
// what may run for long after the head: a stream.
func (s *slot) load(c *app.Call, late bool) error {
	if s.is != unasked {
		return nil
	}
	if s.failed != nil && !late {
		return s.failed
	}
	loaded, found, err := s.provider.load(c)
	if err != nil {
		if c.Context().Err() == nil { // or a fork has run out of time, and not the storage
			s.failed = err
		}
		return err
	}
	if !found {
		s.is = absent
		return nil
	}
	s.is, s.stored = there, loaded
	if !late && s.provider.isDue(&s.stored, time.Now()) {
		s.does = touch
	}
	return nil
}

// set notes the bytes of another value. One of another owner begins another
// session.
func (s *slot) set(payload []byte, owner string) error {
	found, created := s.found(), s.created
	switch {
	case s.is == ended && s.owner == owner, found && s.does != write && bytes.Equal(payload, s.payload):
		return nil
	case !found || s.owner != owner:
		created = time.Now().Unix()
	}
	sealed, id := "", s.id
	if s.provider.storage == nil {
		var err error
		if sealed, err = s.provider.seal(payload, created, time.Now()); err != nil {
			return err
		}
	} else if !found {
		id = newID()
	}
	if found && s.owner != owner {
		s.renewID()
		s.from = ""
		id = s.id
	}
	if s.is != there {
		s.is = fresh
	}
	s.payload, s.created, s.id, s.owner, s.sealed, s.does = payload, created, id, owner, sealed, write
	return nil
}

// clear notes that there is no session any more.
func (s *slot) clear(c *app.Call) {
	if s.is == there && s.provider.storage != nil {
		s.dead = append(s.dead, s.id)
	}
	s.lose(absent)
	s.does = keep
	if s.told || s.provider.transport.receive(c.Request) != "" {
		s.does = revoke
	}
}

// lose notes that there is no session.
func (s *slot) lose(is standing) {
	s.is, s.stored, s.from, s.owner, s.sealed = is, stored{}, "", "", ""
}

// renewID notes that the session is to have another ID.
func (s *slot) renewID() {
	if s.is != there || s.provider.storage == nil {
		return
	}
	s.dead = append(s.dead, s.id)
	s.from, s.id, s.is, s.does = s.id, newID(), fresh, write
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
	case s.is == there:
		err = p.storage.Update(ctx, key, s.record(now))
	default:
		err = s.save(ctx, key, now)
	}
	switch {
	case err == nil:
		s.is = there
	case errors.Is(err, ErrNoSession):
		owner := s.owner
		s.lose(ended)
		s.owner = owner // of whom it was
		if s.does = keep; s.told {
			s.does = withdraw
		}
		return nil
	}
	return err
}

// save has the storage keep the session under an ID that is new. If it had
// another one, it has to be there still: it is looked for afterwards, so that who
// ends all sessions of an owner at the same time ends one or the other.
func (s *slot) save(ctx context.Context, key string, now time.Time) error {
	storage := s.provider.storage
	if err := storage.Save(ctx, key, s.record(now)); err != nil || s.from == "" {
		return err
	}
	_, err := storage.Load(ctx, s.provider.key(s.from))
	if errors.Is(err, ErrNoSession) {
		if failed := storage.Delete(ctx, key); failed != nil {
			return failed
		}
	}
	s.from = ""
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
	case withdraw:
		p.transport.unsend(header)
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
