package sessions

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Directory is a [Storage] in files, which outlast the process: for one process
// at a time, on a disk of its own. Other processes, and other nodes, need a
// server between them, such as Redis.
//
// A session is a file that nobody but the user of the process may read. It is
// written beside its place and moved there, so that it is whole or not there at
// all, but nothing waits for the disk: a power failure may lose the sessions of
// the last seconds. The time of change of a file is when the session expires. No
// goroutine belongs to it: once a minute a Save looks through one of 256 parts of
// the directory for what has expired, and removes it.
//
// Of an owner an empty folder stays.
//
// Nothing leaves the directory, whatever links are in it, and no name of a file
// comes from outside: it is opened by [os.Root].
//
// Ktor: directorySessionStorage, whose files nobody removes.
type Directory struct {
	root  *os.Root
	locks [256]sync.Mutex // by the first byte of the key

	swept atomic.Int64 // when the last part was looked through, in seconds since 1970
	part  atomic.Uint32
}

var _ OwnerStorage = (*Directory)(nil)

// sweepEach is how often a part of the directory is looked through.
const sweepEach = time.Minute

// OpenDirectory returns a storage in a directory, which it makes if it is not
// there. The caller closes it when the application has stopped, such as by
// OnStop:
//
//	storage, err := sessions.OpenDirectory("sessions")
//	if err != nil {
//		a.Fail(err)
//		return
//	}
//	a.OnStop(func(context.Context) error { return storage.Close() })
func OpenDirectory(name string) (*Directory, error) {
	if name == "" {
		return nil, errors.New("open directory of sessions: the name is empty")
	}
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, fmt.Errorf("open directory of sessions: %w", err)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open directory of sessions: %w", err)
	}
	d := &Directory{root: root}
	d.swept.Store(time.Now().Unix())
	return d, nil
}

// check returns an error if there is no directory.
func (d *Directory) check() error {
	if d == nil {
		return errors.New("it is a nil *Directory: OpenDirectory has returned an error, or was not called")
	}
	return nil
}

// Close releases the directory. What is called afterwards fails.
func (d *Directory) Close() error { return d.root.Close() }

// Load returns a session: see [Storage].
func (d *Directory) Load(ctx context.Context, key string) (Record, error) {
	unlock, err := d.lock(ctx, key)
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	return d.read(key)
}

// Save keeps a new session: see [Storage].
func (d *Directory) Save(ctx context.Context, key string, record Record) error {
	unlock, err := d.lock(ctx, key)
	if err != nil {
		return err
	}
	err = d.write(key, record)
	unlock()
	d.sweep(ctx)
	return err
}

// Update changes a session: see [Storage].
func (d *Directory) Update(ctx context.Context, key string, record Record) error {
	unlock, err := d.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	old, err := d.read(key)
	if err != nil {
		return err
	}
	if err := d.write(key, record); err != nil || old.Owner == record.Owner {
		return err
	}
	return d.disown(key, old.Owner)
}

// Touch changes when a session expires: see [Storage].
func (d *Directory) Touch(ctx context.Context, key string, expires time.Time) error {
	unlock, err := d.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := d.read(key); err != nil {
		return err
	}
	return d.root.Chtimes(fileOf(key), time.Time{}, expires)
}

// Delete forgets a session: see [Storage].
func (d *Directory) Delete(ctx context.Context, key string) error {
	unlock, err := d.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	return d.remove(key)
}

// DeleteOwner forgets all sessions of an owner: see [OwnerStorage].
func (d *Directory) DeleteOwner(ctx context.Context, owner string) error {
	if !isKey(owner) {
		return errKey
	}
	entries, err := d.list(folderOf(owner))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !isKey(entry.Name()) {
			continue
		}
		if err := d.deleteOf(ctx, owner, entry.Name()); err != nil {
			return err
		}
	}
	return nil
}

// deleteOf removes a session if it still is an owner's.
func (d *Directory) deleteOf(ctx context.Context, owner, key string) error {
	unlock, err := d.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	record, err := d.read(key)
	switch {
	case errors.Is(err, ErrNoSession) || err == nil && record.Owner != owner:
		return d.disown(key, owner)
	case err != nil:
		return err
	default:
		return d.remove(key)
	}
}
