package forwarding

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A Claim is what the headers of a believed proxy say about a call. What is
// zero they do not say.
type Claim struct {
	Client Node
	Scheme string
	Host   string
	Port   int
}

// SetScheme claims a scheme, if text is not empty. A WebSocket's is that of the
// request that opens it.
func (claim *Claim) SetScheme(text string) error {
	switch strings.ToLower(text) {
	case "":
	case "http", "ws":
		claim.Scheme = "http"
	case "https", "wss":
		claim.Scheme = "https"
	default:
		return fmt.Errorf("%.100q is neither http nor https", text)
	}
	return nil
}

// SetHost claims a host, and the port that it comes with, if text is not empty.
func (claim *Claim) SetHost(text string) error {
	host, port, ok := httpheader.ParseHost(text)
	if text != "" && !ok {
		return fmt.Errorf("%.100q is no host", text)
	}
	claim.Host, claim.Port = host, port
	return nil
}

// SetPort claims a port, if text is not empty, in place of that of the host.
func (claim *Claim) SetPort(text string) error {
	port, ok := httpheader.ParsePort(text)
	switch {
	case text == "":
	case !ok:
		return fmt.Errorf("%.100q is no port", text)
	default:
		claim.Port = port
	}
	return nil
}

// claimKey holds what was claimed for a call so far: an application may read
// several kinds of headers.
var claimKey = app.NewKey[Claim]("forwarding.claim")

// Apply makes a claim the origin of the call. If another header has claimed
// something else the call fails with 400: a proxy sets one of the two, and
// passes on what the client says in the other.
func (claim *Claim) Apply(c *app.Call) error {
	if *claim == (Claim{}) {
		return nil
	}
	if earlier, ok := claimKey.Get(c); ok {
		if err := claim.merge(earlier); err != nil {
			return err
		}
	}
	claimKey.Set(c, *claim)
	origin := c.Local()
	if claim.Client != (Node{}) {
		origin.Remote, origin.RemoteName = claim.Client.Address, claim.Client.Name
	}
	if claim.Scheme != "" {
		origin.Scheme = claim.Scheme
	}
	if claim.Host != "" {
		origin.Host = claim.Host
	}
	origin.Port = claim.portOf(c, origin.Scheme)
	c.SetOrigin(origin)
	return nil
}

// portOf returns the port that the client has used: the one that a header
// claims, that of the Host header if no host is claimed, or the scheme's.
func (claim *Claim) portOf(c *app.Call, scheme string) int {
	port := claim.Port
	if port == 0 && claim.Host == "" {
		_, port, _ = httpheader.ParseHost(c.Arrived().Host)
	}
	switch {
	case port != 0:
		return port
	case scheme == "https":
		return 443
	default:
		return 80
	}
}

var errContradiction = errors.New("another header of a proxy says something else")

// merge adds what was claimed earlier.
func (claim *Claim) merge(earlier Claim) error {
	client, known := claim.Client, earlier.Client
	switch {
	case client == Node{}:
		claim.Client = known
	case known == Node{}:
	case client.Address.Addr() != known.Address.Addr() || client.Name != known.Name:
		return errContradiction
	case client.Address.Port() == 0:
		claim.Client = known // it may have the port
	}
	return errors.Join(
		mergeOne(&claim.Scheme, earlier.Scheme), mergeOne(&claim.Host, earlier.Host), mergeOne(&claim.Port, earlier.Port))
}

func mergeOne[T comparable](claimed *T, earlier T) error {
	var none T
	switch {
	case *claimed == none:
		*claimed = earlier
	case earlier != none && earlier != *claimed:
		return errContradiction
	}
	return nil
}

// Refusal is the error of a call whose headers cannot be believed although a
// trusted proxy has sent them. It is answered with 400.
func Refusal(header string, cause error) error {
	return &app.Error{Status: http.StatusBadRequest, Message: fmt.Sprintf("bad header %s", header), Err: cause}
}
