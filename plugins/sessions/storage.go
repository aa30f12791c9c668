package sessions

import (
	"context"
	"errors"
	"time"
)

// ErrNoSession is wrapped by the error of a [Storage] that is asked for a
// session which it does not have: it was never there, has expired, was deleted
// or was dropped. Nobody else sees it: a call whose session is gone has none.
//
// Ktor: NoSuchElementException.
var ErrNoSession = errors.New("no such session")

// A Storage keeps sessions for [Settings.Storage]. What a client has is a random
// ID; the storage knows the session by a key that is made of the name of the
// session and the ID by SHA-256, and cannot be turned back into the ID: a
// storage that leaks gives nobody a session, and one storage may hold sessions of
// several names. A key is 64 digits of lower-case hexadecimal, whatever a client
// has sent.
//
// Its methods are called by many goroutines at once, and return soon after ctx
// has ended, with an error. Other implementations than those of this package
// should be checked with package sessions/storagetest.
//
// Ktor: SessionStorage.
type Storage interface {
	// Load returns what is kept under key. An error that wraps [ErrNoSession]
	// says that there is nothing, or that it has expired.
	Load(ctx context.Context, key string) (Record, error)

	// Save keeps a new session under a key that was not used before, until it
	// expires. If it has an owner and the storage is no [OwnerStorage], the owner
	// is ignored.
	Save(ctx context.Context, key string, record Record) error

	// Update puts record in the place of what is kept under key. If there is
	// nothing, it returns an error that wraps [ErrNoSession] and keeps nothing:
	// who has logged out stays so, whatever another call of the session, which
	// began before, does after. Of several updates the last one wins.
	Update(ctx context.Context, key string, record Record) error

	// Touch changes when the session under key expires, and leaves its data alone:
	// another call may have changed them since they were read. If there is
	// nothing, it returns an error that wraps [ErrNoSession].
	Touch(ctx context.Context, key string, expires time.Time) error

	// Delete forgets what is kept under key. If there is nothing, it returns nil.
	Delete(ctx context.Context, key string) error
}

// An OwnerStorage is a [Storage] that can end all sessions of one owner: what
// [Handle.ClearOwner] needs.
type OwnerStorage interface {
	Storage

	// DeleteOwner forgets all sessions whose [Record.Owner] is owner. If there is
	// none, it returns nil. A session that is saved at the same time may stay.
	DeleteOwner(ctx context.Context, owner string) error
}

// A Record is what a [Storage] keeps of a session.
type Record struct {
	// Data is the encoded session. Neither the storage nor who has called it
	// changes its bytes: they may be kept and given to several without a copy.
	Data []byte
	// Owner says whose the session is: 64 digits of lower-case hexadecimal, made
	// of the name of the session and of what [Options.Owner] returns by SHA-256,
	// or empty if it belongs to nobody. A Load need not return it.
	Owner string
	// Expires is when the session is forgotten. A storage may round it up or down
	// to the millisecond, but must return what it goes by. It is never zero.
	Expires time.Time
}
