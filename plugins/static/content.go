package static

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// A content is what one verb has declared. It never changes once the application
// has started, but for what it remembers.
type content struct {
	what     string // for messages
	source   source
	config   Config
	required string        // a file that has to be there, or ""
	root     func() string // the root path of the application
	tags     tags
}

// declare adds a content to the routes below r: what is at path and everything
// below, for GET and HEAD.
func declare(r *routing.Route, site app.Site, path string, c *content, configErr error) *routing.Route {
	a := r.Application()
	if configErr != nil {
		a.FailAt(site, fmt.Errorf("%s: %w", c.what, configErr))
	}
	var route *routing.Route
	r.DeclareAt(site, func(r *routing.Route) {
		route = r.Route(trimSlashes(path)+"/{...}", func(r *routing.Route) {
			r.Get("", c.serve).MayPass().WithHead()
		})
	})
	if assets := c.config.Assets; assets != nil {
		if err := assets.take(route.String()); err != nil {
			a.FailAt(site, fmt.Errorf("%s: %w", c.what, err))
		}
	}
	c.root = a.RootPath
	c.tags.source, c.tags.hash = c.source, c.config.HashETags
	a.OnStart(func(context.Context) error {
		if err := c.start(); err != nil {
			return fmt.Errorf("%s: %s: %w", site, c.what, err)
		}
		return nil
	})
	a.OnStop(func(context.Context) error { return c.source.stop() })
	return route
}

func trimSlashes(path string) string {
	for path != "" && path[len(path)-1] == '/' {
		path = path[:len(path)-1]
	}
	return path
}

func (s *content) start() error {
	if err := s.source.start(s.renew); err != nil {
		return err
	}
	err := errors.Join(s.check(s.config.Base, true), s.check(s.required, false))
	if err == nil && s.config.Assets != nil {
		err = s.config.Assets.load(s)
	}
	if err != nil {
		return errors.Join(err, s.source.stop())
	}
	return nil
}

// renew follows a source that is another one now.
func (s *content) renew() {
	s.tags.forget()
	if s.config.Assets != nil {
		_ = s.config.Assets.load(s) // what it was stays
	}
}

// check returns an error if a folder or file of the configuration is not there.
func (s *content) check(name string, folder bool) error {
	if name == "" {
		return nil
	}
	if !folder {
		name = path.Join(s.config.Base, name)
	}
	file, info, err := s.source.open(name)
	if err != nil {
		return fmt.Errorf("%s is needed: %w", name, err)
	}
	switch {
	case folder && !info.IsDir():
		err = fmt.Errorf("%s is needed as a folder, and is none", name)
	case !folder && info.IsDir():
		err = fmt.Errorf("%s is needed as a file, and is none", name)
	}
	return errors.Join(err, file.Close())
}

// A found file is one that is open. Whoever has it closes it.
type found struct {
	file   fs.File
	sent   File
	stored string // the name in the source
	index  bool   // it was found for its folder
}

// open opens a file or folder below the base.
func (s *content) open(name string) (*found, error) {
	stored := path.Join(s.config.Base, name)
	file, info, err := s.source.open(stored)
	if err != nil {
		return nil, err
	}
	return &found{file: file, sent: File{Name: name, Info: info}, stored: stored}, nil
}

// openFile opens a file: a folder is not there.
func (s *content) openFile(name string) (*found, error) {
	opened, err := s.open(name)
	if err == nil && opened.sent.Info.IsDir() {
		return nil, errors.Join(missing(name), opened.file.Close())
	}
	return opened, err
}

// errExcluded is what Exclude keeps from clients.
var errExcluded = errors.New("the file is excluded")

// excludes reports whether Exclude keeps a name from clients, a folder that it is
// in, or the file that it is a stored variant of.
func (s *content) excludes(name string) bool {
	if s.config.Exclude == nil {
		return false
	}
	for i := range len(name) {
		if name[i] == '/' && s.config.Exclude(name[:i]) {
			return true
		}
	}
	for _, coding := range s.config.PreCompressed {
		if plain, is := strings.CutSuffix(name, "."+coding.extension()); is && s.config.Exclude(plain) {
			return true
		}
	}
	return s.config.Exclude(name)
}

// find opens the file that is served for a request: the one of that name, the
// index of a folder, or one with an extension.
func (s *content) find(r request) (*found, error) {
	if r.name != "." && s.excludes(r.name) {
		return nil, errExcluded
	}
	opened, err := s.open(r.name)
	switch {
	case err == nil && opened.sent.Info.IsDir():
		opened, err := s.findIndex(r.name, opened.file.Close())
		if isMissing(err) && !r.folder && r.name != "." {
			return s.findWithExtension(r.name, err)
		}
		return opened, err
	case err == nil && r.folder:
		return nil, errors.Join(missing(r.name), opened.file.Close())
	case err == nil || !isMissing(err) || r.folder:
		return opened, err
	default:
		return s.findWithExtension(r.name, err)
	}
}

// findIndex opens the index of a folder that was closed with an error or nil.
func (s *content) findIndex(folder string, err error) (*found, error) {
	if s.config.Index == "" || err != nil {
		return nil, errors.Join(missing(folder), err)
	}
	name := path.Join(folder, s.config.Index)
	if s.excludes(name) {
		return nil, errExcluded
	}
	opened, err := s.openFile(name)
	if err == nil {
		opened.index = true
	}
	return opened, err
}

// findWithExtension opens what is there in place of a file that is missing.
func (s *content) findWithExtension(name string, missing error) (*found, error) {
	for _, extension := range s.config.Extensions {
		extended := name + "." + extension
		if s.excludes(extended) {
			missing = errExcluded // unless another one is there
			continue
		}
		opened, err := s.openFile(extended)
		if err == nil || !isMissing(err) {
			return opened, err
		}
	}
	return nil, missing
}
