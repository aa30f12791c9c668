package proxy

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
)

// Clients are the names of who may call, by the sums of their keys: whoever reads
// the table has no key, and looking one up tells nothing by its time.
type Clients map[[sha256.Size]byte]string

// ParseClients reads "ada:sk-one,bo:sk-two". What is wrong is said without the keys.
func ParseClients(text string) (Clients, error) {
	clients := Clients{}
	for i, pair := range strings.Split(text, ",") {
		name, key, found := strings.Cut(pair, ":")
		if !found || name == "" || key == "" {
			return nil, fmt.Errorf("the entry %d is not a name, a colon and a key", i+1)
		}
		sum := sha256.Sum256([]byte(key))
		if other, taken := clients[sum]; taken {
			return nil, fmt.Errorf("%s and %s have the same key", other, name)
		}
		clients[sum] = name
	}
	return clients, nil
}

// scheme returns what finds a client's name by the key that it sends, as
// Authorization: Bearer sk-….
func (clients Clients) scheme() *authentication.Scheme[string] {
	return bearer.New("clients", func(c *bearer.Config[string]) {
		c.Realm = "models"
		c.Validate = func(_ *app.Call, given bearer.Credential) (string, error) {
			name, known := clients[sha256.Sum256([]byte(given.Token))]
			if !known {
				return "", authentication.ErrInvalidCredentials
			}
			return name, nil
		}
	})
}
