package storagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sessions"
)

// Test fails t for each rule of [sessions.Storage] that a storage breaks. Open
// returns one without sessions, which the test that it is given may close when it
// has ended.
func Test(t *testing.T, open func(t *testing.T) sessions.Storage) {
	t.Helper()
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) { rule.check(&probe{t, open(t)}) })
	}
	for _, rule := range ownerRules {
		t.Run(rule.name, func(t *testing.T) {
			if storage, ok := open(t).(sessions.OwnerStorage); ok {
				rule.check(&ownerProbe{probe{t, storage}, storage})
			}
		})
	}
}

// Key returns a key as sessions have it, a different one for each name.
func Key(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

type rule[P any] struct {
	name  string
	check func(P)
}

var rules = []rule[*probe]{
	{"what is saved is loaded", checkSave},
	{"any data", checkData},
	{"an update replaces", checkUpdate},
	{"what is not there", checkMissing},
	{"what is deleted stays so", checkDelete},
	{"what has expired is gone", checkExpired},
	{"a touch leaves the data alone", checkTouch},
	{"an update changes when it expires", checkUpdateExpires},
	{"sessions are apart", checkApart},
	{"an ended context", checkContext},
	{"many at once", checkConcurrent},
}

var ownerRules = []rule[*ownerProbe]{
	{"all sessions of an owner", checkOwner},
	{"an owner without sessions", checkNoOwner},
	{"an owner changes", checkOwnerChanges},
}

// probe is a storage under test.
type probe struct {
	*testing.T

	storage sessions.Storage
}

type ownerProbe struct {
	probe

	owners sessions.OwnerStorage
}

// soon is an expiry in the time of the test.
func soon() time.Time { return time.Now().Add(time.Hour) }

func (p *probe) save(name, data, owner string) {
	p.Helper()
	record := sessions.Record{Data: []byte(data), Expires: soon()}
	if owner != "" {
		record.Owner = Key(owner)
	}
	require.NoError(p, p.storage.Save(p.Context(), Key(name), record))
}

func (p *probe) has(name, data string) {
	p.Helper()
	record, err := p.storage.Load(p.Context(), Key(name))
	require.NoError(p, err)
	require.Equal(p, data, string(record.Data))
}

func (p *probe) hasNot(name string) {
	p.Helper()
	_, err := p.storage.Load(p.Context(), Key(name))
	require.ErrorIs(p, err, sessions.ErrNoSession)
}

func checkSave(p *probe) {
	expires := soon()
	require.NoError(p, p.storage.Save(p.Context(), Key("a"), sessions.Record{Data: []byte("data"), Expires: expires}))
	record, err := p.storage.Load(p.Context(), Key("a"))
	require.NoError(p, err)
	assert.Equal(p, "data", string(record.Data))
	assert.WithinDuration(p, expires, record.Expires, time.Second)
}

func checkData(p *probe) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for name, data := range map[string]string{
		"empty": "", "every byte": string(every), "lines": "\r\n\r\n", "large": string(make([]byte, 100_000)),
	} {
		p.save(name, data, "")
		p.has(name, data)
	}
}

func checkUpdate(p *probe) {
	p.save("a", "a longer text of the first", "")
	require.NoError(p, p.storage.Update(p.Context(), Key("a"), sessions.Record{Data: []byte("second"), Expires: soon()}))
	p.has("a", "second")
}

func checkMissing(p *probe) {
	p.hasNot("a")
	err := p.storage.Update(p.Context(), Key("a"), sessions.Record{Data: []byte("x"), Expires: soon()})
	require.ErrorIs(p, err, sessions.ErrNoSession)
	require.ErrorIs(p, p.storage.Touch(p.Context(), Key("a"), soon()), sessions.ErrNoSession)
	require.NoError(p, p.storage.Delete(p.Context(), Key("a")))
	p.hasNot("a")
}

func checkDelete(p *probe) {
	p.save("a", "x", "")
	require.NoError(p, p.storage.Delete(p.Context(), Key("a")))
	p.hasNot("a")
	checkMissing(p)
}

func checkExpired(p *probe) {
	past := time.Now().Add(-time.Minute)
	require.NoError(p, p.storage.Save(p.Context(), Key("a"), sessions.Record{Data: []byte("x"), Expires: past}))
	checkMissing(p)
	p.save("b", "x", "")
	require.NoError(p, p.storage.Touch(p.Context(), Key("b"), past))
	p.hasNot("b")
	p.save("c", "x", "")
	require.NoError(p, p.storage.Update(p.Context(), Key("c"), sessions.Record{Data: []byte("y"), Expires: past}))
	p.hasNot("c")
}

func checkTouch(p *probe) {
	p.save("a", "first", "")
	require.NoError(p, p.storage.Update(p.Context(), Key("a"), sessions.Record{Data: []byte("second"), Expires: soon()}))
	later := soon().Add(time.Hour)
	require.NoError(p, p.storage.Touch(p.Context(), Key("a"), later))
	record, err := p.storage.Load(p.Context(), Key("a"))
	require.NoError(p, err)
	assert.Equal(p, "second", string(record.Data))
	assert.WithinDuration(p, later, record.Expires, time.Second)
}

func checkUpdateExpires(p *probe) {
	p.save("a", "first", "")
	later := soon().Add(time.Hour)
	require.NoError(p, p.storage.Update(p.Context(), Key("a"), sessions.Record{Data: []byte("second"), Expires: later}))
	record, err := p.storage.Load(p.Context(), Key("a"))
	require.NoError(p, err)
	assert.WithinDuration(p, later, record.Expires, time.Second)
}

func checkApart(p *probe) {
	p.save("a", "of a", "")
	p.save("b", "of b", "")
	require.NoError(p, p.storage.Delete(p.Context(), Key("a")))
	p.hasNot("a")
	p.has("b", "of b")
}

// checkContext: a storage that needs not wait may do what it is asked for.
func checkContext(p *probe) {
	p.save("a", "x", "")
	ended, end := context.WithCancel(p.Context())
	end()
	if _, err := p.storage.Load(ended, Key("a")); err != nil {
		require.NotErrorIs(p, err, sessions.ErrNoSession, "a session that is there is not known to be gone")
	}
	p.has("a", "x")
}

func checkConcurrent(p *probe) {
	const nodes, rounds = 8, 50
	p.save("shared", "0", "")
	var all sync.WaitGroup
	for node := range nodes {
		all.Go(func() {
			for round := range rounds {
				own, ctx := Key(fmt.Sprint(node, round)), p.Context()
				record := sessions.Record{Data: fmt.Append(nil, node, round), Expires: soon(), Owner: Key("owner")}
				assert.NoError(p, p.storage.Save(ctx, own, record))
				assert.NoError(p, p.storage.Update(ctx, Key("shared"), record))
				loaded, err := p.storage.Load(ctx, own)
				assert.NoError(p, err)
				assert.Equal(p, string(record.Data), string(loaded.Data))
				assert.NoError(p, p.storage.Touch(ctx, Key("shared"), soon()))
				_, err = p.storage.Load(ctx, Key("shared"))
				assert.NoError(p, err)
				assert.NoError(p, p.storage.Delete(ctx, own))
				assert.ErrorIs(p, p.storage.Update(ctx, own, record), sessions.ErrNoSession)
			}
		})
	}
	all.Wait()
}

func checkOwner(p *ownerProbe) {
	for _, name := range []string{"a1", "a2", "a3"} {
		p.save(name, "x", "a")
	}
	p.save("b1", "y", "b")
	p.save("nobody", "z", "")
	require.NoError(p, p.storage.Delete(p.Context(), Key("a2")))
	require.NoError(p, p.owners.DeleteOwner(p.Context(), Key("a")))
	for _, name := range []string{"a1", "a2", "a3"} {
		p.hasNot(name)
	}
	p.has("b1", "y")
	p.has("nobody", "z")
	p.save("a4", "new", "a")
	p.has("a4", "new")
	require.NoError(p, p.owners.DeleteOwner(p.Context(), Key("a")))
	p.hasNot("a4")
}

func checkNoOwner(p *ownerProbe) {
	p.save("a1", "x", "a")
	p.save("nobody", "z", "")
	require.NoError(p, p.owners.DeleteOwner(p.Context(), Key("b")))
	p.has("a1", "x")
	p.has("nobody", "z")
}

// checkOwnerChanges: a session that somebody has logged in to, and out of.
func checkOwnerChanges(p *ownerProbe) {
	p.save("s", "nobody's", "")
	update := func(data, owner string) {
		record := sessions.Record{Data: []byte(data), Expires: soon()}
		if owner != "" {
			record.Owner = Key(owner)
		}
		require.NoError(p, p.storage.Update(p.Context(), Key("s"), record))
	}
	update("of a", "a")
	require.NoError(p, p.owners.DeleteOwner(p.Context(), Key("b")))
	p.has("s", "of a")
	update("of b", "b")
	require.NoError(p, p.owners.DeleteOwner(p.Context(), Key("a")))
	p.has("s", "of b")
	update("again nobody's", "")
	require.NoError(p, p.owners.DeleteOwner(p.Context(), Key("b")))
	p.has("s", "again nobody's")
	update("of a", "a")
	require.NoError(p, p.owners.DeleteOwner(p.Context(), Key("a")))
	p.hasNot("s")
}
