package methodoverride

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says which requests may mean another method than they have. It is read
// when [Plugin] is installed; later changes have no effect. Start returns the
// mistakes in it, with the line of the installation.
//
// Ktor: XHttpMethodOverrideConfig.
type Config struct {
	// HeaderName is the header that names the method, X-Http-Method-Override by
	// default. What can be no name of a header is a mistake.
	//
	// Ktor: headerName.
	HeaderName string
	// Methods are those of the requests that may name another one, POST alone by
	// default; none is a mistake, and so is what can be no method. With GET
	// among them a cache may keep the response to what was meant as a DELETE.
	Methods []string

	mistakes mistakes.List
}

func defaultConfig() Config {
	return Config{HeaderName: "X-Http-Method-Override", Methods: []string{http.MethodPost}}
}

// check returns what is wrong with the configuration.
func (c *Config) check() error {
	if !httpheader.IsToken(c.HeaderName) {
		c.mistakes.Add(fmt.Errorf("header %q: that is not the name of a header", c.HeaderName))
	}
	if len(c.Methods) == 0 {
		c.mistakes.Add(errors.New("no method may be overridden: Methods is empty"))
	}
	for _, method := range c.Methods {
		if !httpheader.IsToken(method) {
			c.mistakes.Add(fmt.Errorf("method %q: that can be no method", method))
		}
	}
	return c.mistakes.Err()
}

// canBeMeant reports whether a request can be served as one of that method.
func canBeMeant(method string) bool {
	return httpheader.IsToken(method) && !slices.Contains([]string{http.MethodConnect, http.MethodHead, http.MethodTrace}, method)
}
