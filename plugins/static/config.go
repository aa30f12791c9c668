package static

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says how a content is served. It is read when the content is declared;
// later changes have no effect. Start returns the mistakes in it, with the line
// that declared the content. Names have slashes on every system and begin with
// none. The functions run for calls of several goroutines at once; a nil one is
// not asked.
//
// Ktor: StaticContentConfig.
type Config struct {
	// Base is the folder of the content that is served, such as the one that an
	// embed.FS has around its files. "" is all of it. Start fails if it is not
	// there.
	//
	// Ktor: basePackage, basePath.
	Base string
	// Index is the file that is served for the folder it is in: "index.html" by
	// default, "" for none. A folder without one is not there; nothing ever
	// lists what is in a folder.
	//
	// Ktor: index.
	Index string
	// Default is the file that is served, with 200, for what is not there, also
	// for paths that could be no name of a file. "" for none.
	//
	// Ktor: default.
	Default string
	// Extensions are added, one after the other, to the name of a file that is
	// not there: "html" serves about.html for /about, also beside a folder about
	// that has no index. None by default.
	//
	// Ktor: extensions.
	Extensions []string
	// PreCompressed are the codings of which variants are stored beside the
	// files, as app.css.br is beside app.css. Of those that the client accepts
	// with the greatest weight the first one that is there is sent. None by
	// default.
	//
	// Ktor: preCompressed.
	PreCompressed []Coding
	// DotFiles serves files and folders whose names begin with a dot as well,
	// such as .git and .env. False by default: of these only a .well-known right
	// below the content is there (RFC 8615).
	DotFiles bool
	// RedirectFolders sends a client that asks for a folder without a slash at
	// the end to the path with one, so that relative links in the index work.
	// False by default, as in Ktor: both serve the index.
	RedirectFolders bool
	// HashETags makes entity tags of what files hold, by SHA-256, where they are
	// not larger than 256 MiB. Each is read when it is first asked for, and again
	// when its time or its size has changed. False by default: tags are made of
	// time and size, or for an archive of its checksums, and only files without
	// a time, such as embedded ones, are read.
	//
	// Ktor: etag(ETagProvider.StrongSha256).
	HashETags bool
	// Assets gives the files URLs with fingerprints, which browsers keep for a
	// year: see [Assets]. Nil for none. Each content has one of its own.
	Assets *Assets

	// Skip reports whether a call is none of the content's. A call that is
	// skipped is left to the next handler of the route.
	//
	// Ktor: filter.
	Skip func(c *app.Call) bool
	// Exclude reports whether a file or folder is kept from clients, who get 403
	// whether or not it is there: a folder with everything in it, a file with its
	// variants in the codings of PreCompressed. It is given the name as it was
	// asked for, those of the folders around it, that of an index, and names with
	// Extensions. Where the file system does not tell upper case from lower,
	// neither may the function.
	//
	// Ktor: exclude.
	Exclude func(name string) bool
	// ContentType returns the Content-Type of a file, "" for that of
	// [app.ContentTypeOf].
	//
	// Ktor: contentType.
	ContentType func(f File) string
	// CacheControl returns the Cache-Control of a file, "" for none.
	//
	// Ktor: cacheControl.
	CacheControl func(f File) string
	// ETag returns the entity tag of a file, in place of the one that is made by
	// default, "" for none. The quotes may be left out. Variants need tags of
	// their own: [File.Coding] tells them apart.
	//
	// Ktor: etag.
	ETag func(f File) string
	// LastModified returns the time to send and compare in place of the one that
	// the file has; the zero time for none.
	//
	// Ktor: lastModified.
	LastModified func(f File) time.Time
	// Modify may change the response to a file before it is sent: headers are
	// set, the status is not. An error, or an answer, takes the place of the
	// file, and [app.ErrPass] leaves the call to the next handler of the route,
	// without what was set.
	//
	// Ktor: modify.
	Modify func(c *app.Call, f File) error
	// Fallback answers for what is not there, where there is no Default either,
	// or returns without an answer. Requested is the path below the content,
	// decoded, as the client has sent it; paths with names that could not be
	// served do not come here.
	//
	// Ktor: fallback.
	Fallback func(c *app.Call, requested string) error
}

// A File is what is sent to a client.
type File struct {
	// Name is the name of the file below [Config.Base], also where a stored
	// variant of it is sent.
	Name string
	// Coding is that of the stored variant which is sent, "" for the file
	// itself.
	Coding Coding
	// Info describes what is sent: the file, or the variant.
	Info fs.FileInfo
}

// newConfig returns the configuration that the functions make, and what is wrong
// with it.
func newConfig(configure []func(*Config)) (Config, error) {
	config := Config{Index: "index.html"}
	var wrong mistakes.List
	wrong.Add(mistakes.Configure(&config, configure))
	wrong.Add(checkName("Base", config.Base))
	wrong.Add(checkName("Index", config.Index))
	wrong.Add(checkName("Default", config.Default))
	for _, extension := range config.Extensions {
		if extension == "" || strings.HasPrefix(extension, ".") || strings.ContainsAny(extension, `/\`) {
			wrong.Add(fmt.Errorf("extension %q: write it as in html, without a dot in front", extension))
		}
	}
	for i, coding := range config.PreCompressed {
		if coding.extension() == "" {
			wrong.Add(fmt.Errorf("pre-compressed %q: there is no such coding", coding))
		} else if slices.Contains(config.PreCompressed[:i], coding) {
			wrong.Add(fmt.Errorf("pre-compressed %q: it is listed twice", coding))
		}
	}
	config.Extensions = slices.Clone(config.Extensions)
	config.PreCompressed = slices.Clone(config.PreCompressed)
	return config, wrong.Err()
}

func checkName(field, name string) error {
	if name != "" && (!fs.ValidPath(name) || name == ".") {
		return fmt.Errorf("%s: %q is no name below the content: write it as in folder/file, without a slash in front", field, name)
	}
	return nil
}
