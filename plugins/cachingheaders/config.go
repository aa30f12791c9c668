package cachingheaders

import (
	"errors"
	"slices"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// CachingOptions say how a response may be kept. The zero CachingOptions say
// nothing.
//
// Ktor: CachingOptions.
type CachingOptions struct {
	// CacheControl is a part of the Cache-Control header, nil for none.
	CacheControl CacheControl
	// Expires is until when the response may be used without asking, for caches
	// that do not know Cache-Control. The zero time sets no header.
	Expires time.Time
}

// Config says what an installation of [Plugin] says about responses. The zero
// Config says what [Set] was given for the call. It is read when the plugin is
// installed; later changes have no effect. Start returns the mistakes in it,
// with the line of the installation.
//
// Ktor: CachingHeadersConfig.
type Config struct {
	providers []Provider
	mistakes  mistakes.List
}

// A Provider returns what is to be said about a response, nil for nothing. It is
// called by many goroutines at once, once for each response that says nothing
// itself, when status and headers stand, and before the body is encoded or cut
// into ranges; for a file of RespondFile before it is known what of it is sent,
// with a Status of 0. It must not change the call or the response.
type Provider func(c *app.Call, out *app.Outgoing) *CachingOptions

// Options adds a provider. What all providers and [Set] say of one response is
// merged: the least of the ages counts, and private where one of them says so.
// Of several dates in Expires the first counts. A nil provider is a mistake.
//
// Ktor: options.
func (c *Config) Options(provider Provider) {
	if provider == nil {
		c.mistakes.Add(errors.New("the function for Options is nil"))
		return
	}
	c.providers = append(c.providers, provider)
}

func defaultConfig() Config { return Config{} }

// optionsKey holds what handlers have said of their own responses.
var optionsKey = app.NewKey[[]CachingOptions]("cachingheaders.options")

// Set says how the response of this call may be kept, besides what the providers
// say. A second call replaces the first; without options nothing is said. It has
// an effect until the response is committed, where the plugin is installed.
//
// Ktor: caching, of the call and of the content.
func Set(c *app.Call, options ...CachingOptions) { optionsKey.Set(c, slices.Clone(options)) }

// Get returns what [Set] was given last for the call, nil for nothing.
//
// Ktor: caching.
func Get(c *app.Call) []CachingOptions {
	options, _ := optionsKey.Get(c)
	return slices.Clone(options)
}
