package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

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
	if err != nil { // the disk may be full
		_ = d.root.Remove(beside)
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
