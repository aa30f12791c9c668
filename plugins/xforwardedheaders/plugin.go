package xforwardedheaders

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/forwarding"
)

// Plugin makes what the X-Forwarded headers of a trusted proxy say the origin of
// the call. It is installed on the application, with a configuration that says
// who is trusted: without one it is a mistake.
//
// Ktor: XForwardedHeaders.
var Plugin = app.NewPlugin("XForwardedHeaders", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	r, err := newReader(*b.Config())
	if err != nil {
		return err
	}
	b.OnPhase(app.PhaseSetup, func(c *app.Call) error {
		if !r.trust.Believes(c) {
			return nil
		}
		claim, err := r.read(c.Request.Header)
		if err == nil {
			err = claim.Apply(c)
		}
		if err != nil {
			return forwarding.Refusal("X-Forwarded", err)
		}
		return nil
	})
	return nil
}

// A reader reads the headers of calls. It never changes.
type reader struct {
	trust                                *forwarding.Trust
	clients, schemes, flags, hosts, port []string
}

// newReader returns what config describes, or all mistakes in it.
func newReader(config Config) (*reader, error) {
	trust := &forwarding.Trust{
		Proxies: config.TrustedProxies, AnyProxy: config.anyProxy, UnixSockets: config.unixSockets, Skip: config.skip,
	}
	config.mistakes.Add(trust.Check())
	r := &reader{
		trust, config.check(config.ForHeaders), config.check(config.ProtoHeaders), config.check(config.HTTPSFlagHeaders),
		config.check(config.HostHeaders), config.check(config.PortHeaders),
	}
	return r, config.mistakes.Err()
}

// read returns what the headers claim.
func (r *reader) read(header http.Header) (claim forwarding.Claim, err error) {
	client, hop, err := r.trust.Client(func(yield func(forwarding.Node, error) bool) {
		for text := range backwards(first(header, r.clients)) {
			node, err := forwarding.ParseNode(text)
			if !yield(node, err) {
				return
			}
		}
	})
	if err != nil {
		return forwarding.Claim{}, err
	}
	claim.Client = client
	if r.trust.Skip != forwarding.Known {
		hop = r.trust.Skip // also where there is no client, or it is not that far
	}
	scheme := valueAt(first(header, r.schemes), hop)
	if scheme == "" && isOn(valueAt(first(header, r.flags), hop)) {
		scheme = "https"
	}
	return claim, errors.Join(
		claim.SetScheme(scheme),
		claim.SetHost(valueAt(first(header, r.hosts), hop)),
		claim.SetPort(valueAt(first(header, r.port), hop)),
	)
}

// first returns the lines of the first of several headers that is there.
func first(header http.Header, names []string) []string {
	for _, name := range names {
		if lines := header[name]; len(lines) > 0 {
			return lines
		}
	}
	return nil
}

// backwards yields the values of a list from the last to the first, and reads no
// more than is asked for. Empty ones are left out.
func backwards(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range slices.Backward(lines) {
			for more := true; more; {
				value := line
				comma := strings.LastIndexByte(line, ',')
				if more = comma >= 0; more {
					line, value = line[:comma], line[comma+1:]
				}
				if value = strings.Trim(value, " \t"); value != "" && !yield(value) {
					return
				}
			}
		}
	}
}

// valueAt returns the value of a list that has hop values on its right, the last
// one if there are fewer, and "" if there are none.
func valueAt(lines []string, hop int) string {
	last := ""
	for value := range backwards(lines) {
		if last == "" {
			last = value
		}
		if hop == 0 {
			return value
		}
		hop--
	}
	return last
}

func isOn(flag string) bool {
	switch strings.ToLower(flag) {
	case "on", "yes", "true":
		return true
	default:
		return false
	}
}
