package static

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// Files serves the files of a directory of the operating system, at path and
// below, to GET and HEAD, and returns their route, on which plugins can be
// installed. The directory is opened when the application starts, by
// os.OpenRoot: nothing outside of it is served, whatever symbolic links in it
// say. It is given from the working directory, "." for that itself, or absolute.
// One that is not there is an error of Start, and "" is a mistake. One that takes
// its place, as a new build does, is served from a second later on.
//
// Ktor: staticFiles.
func Files(r *routing.Route, path, directory string, configure ...func(*Config)) *routing.Route {
	config, err := newConfig(configure)
	if directory == "" {
		err = errors.Join(err, errNoDirectory)
	}
	what := fmt.Sprintf("static files at %s", path)
	return declare(r, app.Caller(1), path, &content{what: what, source: &folder{path: directory}, config: config}, err)
}

var errNoDirectory = errors.New(`the directory is empty: the working directory is "."`)

// Resources serves the files of fsys, such as an embed.FS, at path and below, to
// GET and HEAD, and returns their route. Embedded files have no time: their
// entity tags are made of what they hold. For a directory of the operating
// system [Files] is safer than os.DirFS, which follows symbolic links wherever
// they lead. A nil fsys is a mistake.
//
// Ktor: staticResources.
func Resources(r *routing.Route, path string, fsys fs.FS, configure ...func(*Config)) *routing.Route {
	config, err := newConfig(configure)
	if fsys == nil {
		err = errors.Join(err, errors.New("the file system is nil"))
	}
	what := fmt.Sprintf("static resources at %s", path)
	return declare(r, app.Caller(1), path, &content{what: what, source: resources{fsys}, config: config}, err)
}

// Zip serves the entries of a zip archive, at path and below, to GET and HEAD,
// and returns their route. The archive is opened when the application starts;
// one that is not there, or cannot be read, is an error of Start. One that takes
// its place is served from a second later on. Entries that are stored without
// compression have ranges, those that are compressed have none. Entries whose
// names lead elsewhere, and encrypted ones, are not served; of two of one name
// the last is. Start warns of both.
//
// Ktor: staticZip.
func Zip(r *routing.Route, path, archive string, configure ...func(*Config)) *routing.Route {
	config, err := newConfig(configure)
	what := fmt.Sprintf("static archive at %s", path)
	source := &zipFile{path: archive, log: r.Application().Logger()}
	return declare(r, app.Caller(1), path, &content{what: what, source: source, config: config}, err)
}
