package authentication_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication"
)

func TestPasswordsAreNotPrinted(t *testing.T) {
	t.Parallel()
	credential := authentication.PasswordCredential{Name: "ada", Password: "secret"}
	encoded, err := json.Marshal(credential)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("login", "credential", credential)
	printed := fmt.Sprintf("%v %+v %#v %s %q", credential, credential, credential, credential, []any{&credential, struct{ C any }{credential}})
	for _, text := range []string{string(encoded), log.String(), printed} {
		assert.Contains(t, text, "ada")
		assert.NotContains(t, text, "secret")
	}
}
