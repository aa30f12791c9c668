package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
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

var errKey = errors.New("the key is none that this package makes: 64 digits of lower-case hexadecimal")

// isKey reports whether text is a key, which is safe as the name of a file.
func isKey(text string) bool {
	if len(text) != 64 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// lock keeps others from the session of a key.
func (d *Directory) lock(ctx context.Context, key string) (unlock func(), err error) {
	if !isKey(key) {
		return nil, errKey
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	first, err := strconv.ParseUint(key[:2], 16, 8)
	if err != nil {
		return nil, errKey
	}
	d.locks[first].Lock()
	return d.locks[first].Unlock, nil
}

// fileOf returns where the session of a key is: an owner, a line feed, and data.
func fileOf(key string) string { return path.Join(key[:2], key) }

// folderOf returns where the keys of an owner's sessions are, as empty files.
func folderOf(owner string) string { return path.Join("owners", owner[:2], owner) }

// read returns a session, and removes one that has expired.
func (d *Directory) read(key string) (Record, error) {
	file, err := d.root.Open(fileOf(key))
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, ErrNoSession
	}
	if err != nil {
		return Record{}, err
	}
	info, err := file.Stat()
	var content []byte
	if err == nil {
		content, err = io.ReadAll(file)
	}
	_ = file.Close()
	if err != nil {
		return Record{}, err
	}
	owner, data, whole := bytes.Cut(content, []byte("\n"))
	if !whole || !time.Now().Before(info.ModTime()) {
		return Record{}, errors.Join(ErrNoSession, d.removeOf(key, string(owner)))
	}
	return Record{Data: data, Owner: string(owner), Expires: info.ModTime()}, nil
}

// write puts a session in its place.
func (d *Directory) write(key string, record Record) error {
	place := fileOf(key)
	if err := d.root.MkdirAll(path.Dir(place), 0o700); err != nil {
		return err
	}
	if record.Owner != "" {
		if !isKey(record.Owner) {
			return errKey
		}
		folder := folderOf(record.Owner)
		if err := d.root.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := d.root.WriteFile(path.Join(folder, key), nil, 0o600); err != nil {
			return err
		}
	}
	beside := place + ".new"
	content := make([]byte, 0, len(record.Owner)+1+len(record.Data))
	content = append(append(append(content, record.Owner...), '\n'), record.Data...)
	err := d.root.WriteFile(beside, content, 0o600)
	if err == nil {
		err = d.root.Chtimes(beside, time.Time{}, record.Expires)
	}
	if err == nil {
		err = d.root.Rename(beside, place)
	}
	return err
}

// remove removes a session, and that its owner has it.
func (d *Directory) remove(key string) error {
	record, err := d.read(key)
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	return errors.Join(err, d.removeOf(key, record.Owner))
}

func (d *Directory) removeOf(key, owner string) error {
	err := d.root.Remove(fileOf(key))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, d.disown(key, owner))
}

// disown notes that a session is not an owner's any more.
func (d *Directory) disown(key, owner string) error {
	if !isKey(owner) {
		return nil
	}
	err := d.root.Remove(path.Join(folderOf(owner), key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sweep looks through a part of the directory, if it is time for that. What it
// cannot remove stays for the next time.
func (d *Directory) sweep(ctx context.Context) {
	now, last := time.Now(), d.swept.Load()
	if now.Sub(time.Unix(last, 0)) < sweepEach || !d.swept.CompareAndSwap(last, now.Unix()) {
		return
	}
	part := fmt.Sprintf("%02x", byte(d.part.Add(1)-1))
	entries, err := d.list(part)
	if err != nil {
		return
	}
	for _, entry := range entries {
		key, _, _ := strings.Cut(entry.Name(), ".") // also what a crash has left beside its place
		info, err := entry.Info()
		if err != nil || !isKey(key) || now.Before(info.ModTime()) {
			continue
		}
		unlock, err := d.lock(ctx, key)
		if err != nil {
			return
		}
		if key == entry.Name() {
			_, _ = d.read(key)
		} else {
			_ = d.root.Remove(path.Join(part, entry.Name()))
		}
		unlock()
	}
}

// list returns what is in a folder, nothing if there is none.
func (d *Directory) list(folder string) ([]fs.DirEntry, error) {
	file, err := d.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := file.ReadDir(-1)
	_ = file.Close()
	return entries, err
}
