package static

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/routing"
)

// SPAConfig configures [SinglePageApplication]. Of the [Config] in it Index and
// Default are set by DefaultPage.
//
// Ktor: SPAConfig.
type SPAConfig struct {
	Config

	// DefaultPage is the page that is served for its folder and for everything
	// that is not there, so that the application in it can choose what to show:
	// "index.html" by default. Start fails if it is not there.
	//
	// Ktor: defaultPage.
	DefaultPage string
	// ApplicationRoute is the path of the application: "/" by default.
	//
	// Ktor: applicationRoute.
	ApplicationRoute string
	// FilesPath is the directory of the files, as in [Files]. Where Resources are
	// set it is the folder in them, in place of Base, and may be "".
	//
	// Ktor: filesPath, and react, vue, angular, ember and backbone.
	FilesPath string
	// Resources are the files, as in [Resources], in place of a directory. Nil
	// by default.
	//
	// Ktor: useResources.
	Resources fs.FS
}

// SinglePageApplication serves a page and the files that belong to it, and the
// page as well for everything below its path that is not there: a link into the
// application, or a reload in it, gets the page. It returns the route. Files
// that are missing get the page, too; Exclude makes it 403 for those by whose
// name it can tell.
//
//	static.SinglePageApplication(r, func(c *static.SPAConfig) { c.FilesPath = "dist" })
//
// Ktor: singlePageApplication.
func SinglePageApplication(r *routing.Route, configure ...func(*SPAConfig)) *routing.Route {
	site := app.Caller(1)
	spa := SPAConfig{DefaultPage: "index.html", ApplicationRoute: "/"}
	wrong := mistakes.Configure(&spa, configure)
	if spa.DefaultPage == "" {
		wrong = errors.Join(wrong, errors.New("DefaultPage is empty"))
	}
	if spa.Resources == nil && spa.FilesPath == "" {
		wrong = errors.Join(wrong, fmt.Errorf("FilesPath: %w", errNoDirectory))
	}
	var files source = &folder{path: spa.FilesPath}
	if spa.Resources != nil {
		files = resources{spa.Resources}
		if spa.FilesPath != "" {
			spa.Base = spa.FilesPath
		}
	}
	config, err := newConfig([]func(*Config){func(c *Config) {
		*c = spa.Config
		c.Index, c.Default = spa.DefaultPage, spa.DefaultPage
	}})
	what := fmt.Sprintf("single-page application at %s", spa.ApplicationRoute)
	c := &content{what: what, source: files, config: config, required: spa.DefaultPage}
	return declare(r, site, spa.ApplicationRoute, c, errors.Join(wrong, err))
}
