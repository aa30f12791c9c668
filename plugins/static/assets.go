package static

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"
)

// The bounds of what Start reads for fingerprints.
const (
	maxAssets     = 10_000
	maxAssetBytes = 1 << 30
)

// Assets gives the files of a content URLs that change when the files do, so
// that browsers keep them and never ask again. Its zero value is ready for
// [Config.Assets], of one content. Start reads all files of the content; more
// than 10,000, or than 1 GiB in all, are an error.
//
//	var assets static.Assets
//	static.Resources(r, "/assets", files, func(c *static.Config) { c.Assets = &assets })
//	page := template.New("page").Funcs(template.FuncMap{"asset": assets.URL})
//
// In the page {{asset "app.css"}} is /assets/app-3f2a9c1d.css. That URL is
// served with "Cache-Control: public, max-age=31536000, immutable", as long as
// the file is as Start has read it. /assets/app.css serves the file as well,
// with "no-cache" where CacheControl says nothing else: what a style sheet or a
// script refers to by itself is asked for under its plain name.
type Assets struct {
	prefix string // the path of the content, "" before it is known
	loaded atomic.Pointer[assetTable]
}

// An assetTable is what Start has read.
type assetTable struct {
	urls  map[string]string // by the names of files
	names map[string]string // of files, by those with fingerprints
	state map[string]assetState
}

// assetState tells whether a file has changed since it was read.
type assetState struct {
	modified time.Time
	size     int64
}

// keep is how long a client may keep a file.
type keep uint8

const (
	keepNot     keep = iota // as CacheControl says
	keepChecked             // it asks each time
	keepForever             // the URL will never mean anything else
)

// URL returns the URL of a file, such as "css/app.css", with its fingerprint and
// without a host. It may be called from any goroutine once the application has
// started; before, and for a file that is not there, it returns an error.
func (a *Assets) URL(name string) (string, error) {
	table := a.loaded.Load()
	if table == nil {
		return "", fmt.Errorf("URL of asset %q: the application has not started with these assets", name)
	}
	found, known := table.urls[name]
	if !known {
		return "", fmt.Errorf("URL of asset %q: there is no such file below %s", name, a.prefix)
	}
	return found, nil
}

// take notes the pattern of the content that the assets are of.
func (a *Assets) take(pattern string) error {
	if a.prefix != "" {
		return errors.New("the Assets belong to another content: each has its own")
	}
	a.prefix = strings.TrimSuffix(pattern, "{...}")
	if strings.ContainsAny(a.prefix, "{*") {
		return fmt.Errorf("the Assets need a path without parameters, not %s", pattern)
	}
	return nil
}

// load reads all files of a content.
func (a *Assets) load(s *content) error {
	table := &assetTable{map[string]string{}, map[string]string{}, map[string]assetState{}}
	prefix := a.prefix
	if root := strings.Trim(s.root(), "/"); root != "" {
		prefix = "/" + root + prefix
	}
	base, total := ".", int64(0)
	if s.config.Base != "" {
		base = s.config.Base
	}
	err := fs.WalkDir(s.source.tree(), base, func(stored string, entry fs.DirEntry, err error) error {
		if err != nil || stored == base {
			return err
		}
		name := stored
		if base != "." {
			name = strings.TrimPrefix(stored, base+"/")
		}
		asked, plain := parse(name, s.config.DotFiles)
		if !plain || s.excludes(asked.name) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		size, err := table.add(s, asked.name, prefix)
		if total += size; total > maxAssetBytes || len(table.urls) > maxAssets {
			return fmt.Errorf("more than %d files, or than %d MiB: serve what needs no fingerprints from another content", maxAssets, maxAssetBytes>>20)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read the assets: %w", err)
	}
	a.loaded.Store(table)
	return nil
}

// add reads a file and returns its size. A link that leads nowhere, or to a
// folder, is no file.
func (t *assetTable) add(s *content, name, prefix string) (int64, error) {
	opened, err := s.openFile(name)
	if err != nil {
		if isMissing(err) {
			return 0, nil
		}
		return 0, err
	}
	defer opened.file.Close() //nolint:errcheck // it was only read
	info := opened.sent.Info
	if info.Size() > maxAssetBytes { // the caller says so
		return info.Size(), nil
	}
	hash := sumOf(opened.file)
	if hash == "" {
		return 0, fmt.Errorf("%s cannot be read", name)
	}
	extension := path.Ext(name)
	marked := strings.TrimSuffix(name, extension) + "-" + hash[:8] + extension
	t.urls[name] = escape(prefix + marked)
	t.names[marked] = name
	t.state[name] = assetState{info.ModTime(), info.Size()}
	return info.Size(), nil
}

// plainName returns the name of the file that one with a fingerprint stands for,
// and how long it may be kept.
func (a *Assets) plainName(name string) (string, keep) {
	if table := a.loaded.Load(); table != nil {
		if plain, marked := table.names[name]; marked {
			return plain, keepForever
		}
	}
	return name, keepNot
}

// isAsLoaded reports whether a file has the time and the size that it had when
// its fingerprint was made.
func (a *Assets) isAsLoaded(f File) bool {
	state, known := a.loaded.Load().state[f.Name]
	return known && state.size == f.Info.Size() && state.modified.Equal(f.Info.ModTime())
}

// escape writes a path as it stands in a URL.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }
