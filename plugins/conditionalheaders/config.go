package conditionalheaders

import (
	"errors"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says how an installation of [Plugin] learns the versions of responses.
// The zero Config reads them from the ETag and Last-Modified headers alone. It
// is read when the plugin is installed; later changes have no effect. Start
// returns the mistakes in it, with the line of the installation.
//
// Ktor: ConditionalHeadersConfig.
type Config struct {
	providers []Provider
	mistakes  mistakes.List
}

// A Provider returns what it knows of the version that a response is of, nil if
// that is nothing. It is called by many goroutines at once, and must not change
// the call or the response. It is asked once for each response with a status
// from 200 to 299 to GET or HEAD, event streams excepted: for a file of
// RespondFile before it is opened for reading, for any other when it is
// committed.
type Provider func(c *app.Call, out *app.Outgoing) []Version

// Version adds a provider. Of all that they return the first tag and the latest
// time count. ETag and Last-Modified headers that are set already stand. A nil
// provider is a mistake.
//
// Ktor: version.
func (c *Config) Version(provider Provider) {
	if provider == nil {
		c.mistakes.Add(errors.New("the function for Version is nil"))
		return
	}
	c.providers = append(c.providers, provider)
}

func defaultConfig() Config { return Config{} }
