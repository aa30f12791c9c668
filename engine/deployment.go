package engine

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
)

const deploymentPath = "ktor.deployment"

// deployment is what a configuration may say at ktor.deployment. What it does
// not say is nil or empty, and changes nothing.
type deployment struct {
	Host     string
	Port     *uint16
	SSLPort  *uint16
	RootPath *string
	Shutdown struct{ URL *string }

	ShutdownGracePeriod *time.Duration
	ShutdownTimeout     *time.Duration
	ShutdownDelay       *time.Duration // not in Ktor

	// Those of Ktor's engines which mean something here.
	RequestReadTimeoutSeconds    *uint32
	ResponseWriteTimeoutSeconds  *uint32
	ConnectionIdleTimeoutSeconds *uint32
	MaxHeaderSize                *uint32
	EnableHTTP2                  *bool
	EnableH2C                    *bool

	// Those that do not: goroutines come as calls do, and a watcher of files that
	// builds a program anew is a program of its own.
	CallGroupSize, ConnectionGroupSize, WorkerGroupSize, RunningLimit, ShareWorkGroup any
	MaxInitialLineLength, MaxChunkSize, TCPKeepAlive, ReuseAddress, Watch             any
}

func deploymentOf(properties app.Properties) (deployment, error) {
	var d deployment
	if err := properties.Decode(deploymentPath, &d); err != nil {
		return d, err
	}
	var wrong []error
	for _, wait := range []struct {
		name string
		time *time.Duration
	}{
		{"shutdownGracePeriod", d.ShutdownGracePeriod}, {"shutdownTimeout", d.ShutdownTimeout}, {"shutdownDelay", d.ShutdownDelay},
	} {
		if wait.time != nil && *wait.time < 0 {
			wrong = append(wrong, wrongAt(properties, deploymentPath+"."+wait.name, "it is negative"))
		}
	}
	if url := d.Shutdown.URL; url != nil && *url != "" && !strings.HasPrefix(*url, "/") {
		wrong = append(wrong, wrongAt(properties, deploymentPath+".shutdown.url", "it does not begin with a slash"))
	}
	return d, errors.Join(wrong...)
}

// unknownNames returns an error that says what ktor.deployment and
// ktor.security.ssl have that means nothing here. It is no mistake, as in Ktor: it
// may be for another engine.
func unknownNames(properties app.Properties) error {
	return errors.Join(properties.DecodeStrict(deploymentPath, new(deployment)), properties.DecodeStrict(sslPath, new(ssl)))
}

// apply makes the server what the configuration says.
func (d *deployment) apply(s *Server) {
	if d.Host != "" {
		s.host = d.Host
		if s.first != nil {
			s.first.host = d.Host
		}
	}
	if d.Port != nil {
		s.firstAddress().port = int(*d.Port)
	}
	setIf(&s.delay, d.ShutdownDelay)
	setIf(&s.shutdownURL, d.Shutdown.URL)
	s.application.Configure(func(c *app.Config) {
		setIf(&c.RootPath, d.RootPath)
		setIf(&c.ShutdownGrace, d.ShutdownGracePeriod)
		setIf(&c.ShutdownTimeout, d.ShutdownTimeout)
		setIf(&c.ReadTimeout, seconds(d.RequestReadTimeoutSeconds))
		setIf(&c.WriteTimeout, seconds(d.ResponseWriteTimeoutSeconds))
	})
	setIf(&s.cleartext, d.EnableH2C)
	s.configure = append(s.configure, func(server *http.Server) {
		setIf(&server.IdleTimeout, seconds(d.ConnectionIdleTimeoutSeconds))
		if d.MaxHeaderSize != nil {
			server.MaxHeaderBytes = int(*d.MaxHeaderSize)
		}
		if d.EnableHTTP2 != nil {
			server.Protocols.SetHTTP2(*d.EnableHTTP2)
		}
	})
}

// setIf sets what value points to, if it points to anything.
func setIf[T any](target, value *T) {
	if value != nil {
		*target = *value
	}
}

func seconds(count *uint32) *time.Duration {
	if count == nil {
		return nil
	}
	return new(time.Duration(*count) * time.Second)
}
