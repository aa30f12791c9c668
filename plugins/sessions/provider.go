package sessions

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/app"
)

// A provider is one session of an installation: what a handle stands for there.
//
// Ktor: SessionProvider, with its tracker.
type provider struct {
	core      *core
	kind      string // cookie or header
	transport transport
	transform []Transformer
	storage   Storage // nil by value
	lifetimes lifetimes
	renew     time.Duration
	encoding  *base64.Encoding // letters, digits, - and _, and one way to write a value
}

func newProvider(kind string, known *core, s *Settings, t transport) *provider {
	return &provider{known, kind, t, s.transform, s.Storage, s.lifetimes(), s.renewAfter(), base64.RawURLEncoding.Strict()}
}

// writeTimeout is how long a storage may take to keep or to forget a session: the
// client may have gone, and a logout counts none the less.
const writeTimeout = 5 * time.Second

// stored is a session as a client has it.
type stored struct {
	payload []byte
	created int64 // seconds since 1970
	expires time.Time
	id      string // by ID
}

// load returns the session that a request carries, and whether there is one.
func (p *provider) load(c *app.Call) (s stored, found bool, err error) {
	text := p.transport.receive(c.Request)
	if text == "" || len(text) > p.transport.longest() {
		return stored{}, false, nil
	}
	if p.storage != nil {
		return p.loadByID(c, text)
	}
	s, err = p.open(text)
	if err != nil {
		p.refuse(c, err)
		return stored{}, false, nil
	}
	return s, true, nil
}

// refuse tells the log why what a client has sent is no session.
func (p *provider) refuse(c *app.Call, err error) {
	c.Application().Logger().DebugContext(c.Context(), "what a client has sent is no session",
		"session", p.core.name, "error", err)
}

// read returns what write has made a text of.
func (p *provider) read(text string) ([]byte, error) {
	value, err := p.encoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("it is not base64url")
	}
	return transformRead(p.transform, value)
}

// write returns the text that a client is sent for a value.
func (p *provider) write(value []byte) (string, error) {
	value, err := transformWrite(p.transform, value)
	if err != nil {
		return "", fmt.Errorf("transform: %w", err)
	}
	text := p.encoding.EncodeToString(value)
	return text, p.transport.fits(text)
}

// open returns a session by value.
func (p *provider) open(text string) (stored, error) {
	value, err := p.read(text)
	if err != nil {
		return stored{}, err
	}
	e, err := parseEnvelope(value)
	if err != nil {
		return stored{}, err
	}
	now := time.Now()
	s := stored{payload: e.payload, created: e.created, expires: p.lifetimes.expiry(e.issued, e.created)}
	switch {
	case !now.Before(s.expires):
		return stored{}, errors.New("it has expired")
	case time.Unix(e.issued, 0).Sub(now) > clockSkew:
		return stored{}, errors.New("it was issued in the future")
	}
	return s, nil
}

// seal returns the text of a session by value that is issued now.
func (p *provider) seal(payload []byte, created int64, now time.Time) (string, error) {
	const signature = 32
	e := envelope{max(now.Unix(), created), created, payload}
	return p.write(e.append(make([]byte, 0, envelopeRoom+len(payload)+signature)))
}

func (p *provider) loadByID(c *app.Call, text string) (stored, bool, error) {
	id, err := p.readID(text)
	if err != nil {
		p.refuse(c, err)
		return stored{}, false, nil
	}
	s := stored{id: id}
	found, err := p.fetch(c.Context(), &s)
	return s, found, err
}

// readID returns the ID that writeID has made a text of.
func (p *provider) readID(text string) (id string, err error) {
	id = text
	if len(p.transform) > 0 {
		value, err := p.read(text)
		if err != nil {
			return "", err
		}
		id = string(value)
	}
	if !isID(id) {
		return "", errors.New("it is no ID")
	}
	return id, nil
}

// writeID returns the text that a client is sent for an ID, which is text already.
func (p *provider) writeID(id string) (string, error) {
	if len(p.transform) == 0 {
		return id, nil
	}
	return p.write([]byte(id))
}

// fetch asks the storage for the session of an ID.
func (p *provider) fetch(ctx context.Context, s *stored) (found bool, err error) {
	record, err := p.storage.Load(ctx, p.key(s.id))
	if errors.Is(err, ErrNoSession) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load session %s: %w", p.core.name, err)
	}
	e, err := parseEnvelope(record.Data)
	if err != nil {
		return false, nil //nolint:nilerr // what a later version has kept is no session
	}
	s.payload, s.created, s.expires = e.payload, e.created, record.Expires
	return time.Now().Before(record.Expires) && time.Now().Before(p.lifetimes.expiry(time.Now().Unix(), e.created)), nil
}

// key returns what the storage knows an ID by.
func (p *provider) key(id string) string { return keyOf("id", p.core.name, id) }

// ownerKey returns what the storage knows an owner by.
func (p *provider) ownerKey(owner string) string {
	if owner == "" {
		return ""
	}
	return keyOf("owner", p.core.name, owner)
}

// isDue reports whether a session is to be sent anew.
func (p *provider) isDue(s *stored, now time.Time) bool {
	return p.lifetimes.expiry(now.Unix(), s.created).Sub(s.expires) >= p.renew
}

// isHTTPS reports whether the client has used https.
func isHTTPS(c *app.Call) bool { return c.Origin().Scheme == "https" }
