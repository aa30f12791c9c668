package authentication_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication"
)

func TestParseAuthorization(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]authentication.Credentials{
		"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==": {Scheme: "Basic", Token: "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
		"  Bearer\tmF_9.B5f-4.1JqM  ":        {Scheme: "Bearer", Token: "mF_9.B5f-4.1JqM"},
		"Negotiate":                          {Scheme: "Negotiate"},
		`Digest Username="Mu\"fa\\sa", uri="/a,b?c=d", nc=00000001, qop=auth`: {Scheme: "Digest", Params: authentication.Params{
			{Name: "username", Value: `Mu"fa\sa`}, {Name: "uri", Value: "/a,b?c=d"}, {Name: "nc", Value: "00000001"}, {Name: "qop", Value: "auth"},
		}},
		"X a=1,, ,b=2,":    {Scheme: "X", Params: authentication.Params{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}},
		"X a==":            {Scheme: "X", Token: "a=="},
		"X a=b=c":          {Scheme: "X", Params: authentication.Params{{Name: "a", Value: "b=c"}}},
		`X a="", b=`:       {Scheme: "X", Params: authentication.Params{{Name: "a"}, {Name: "b"}}},
		"X a=1,\ta\t= \t2": {Scheme: "X", Params: authentication.Params{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}},
	} {
		read, err := authentication.ParseAuthorization(value)
		require.NoError(t, err, value)
		assert.Equal(t, want, read, value)
	}
	for value, want := range map[string]string{
		"":                                      "the name of a scheme is missing",
		" ":                                     "the name of a scheme is missing",
		`"Basic" abc`:                           "the name of a scheme is missing",
		"Ba(sic) abc":                           "the name of a scheme is no token",
		"Bearer secret token":                   "a parameter has no name, or no value",
		"Bearer sec@ret":                        "a parameter has no name, or no value",
		"Bearer secrét":                         "a parameter has no name, or no value",
		`Bearer sec"ret`:                        "a parameter has no name, or no value",
		`X secret="open`:                        "a quote is not closed",
		`X secret="open\`:                       "a quote is not closed",
		`X a=sec"ret`:                           "a value has a quote in it",
		"X a=1 secret=2":                        "a comma is missing",
		`X a="1"secret`:                         "a comma is missing",
		"Basic secret, Bearer secret":           "it holds more than one scheme",
		"X " + strings.Repeat("secret=1, ", 65): "it has too many parameters",
	} {
		_, err := authentication.ParseAuthorization(value)
		require.EqualError(t, err, "parse Authorization: "+want, value)
		assert.NotContains(t, err.Error(), "secret")
	}
}

// TestCredentialsAreNotPrinted: neither the token nor a parameter.
func TestCredentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	credentials := authentication.Credentials{
		Scheme: "Digest", Token: "secret", Params: authentication.Params{{Name: "response", Value: "secret"}},
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("a call", "credentials", credentials)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a call", "credentials", credentials)
	text := fmt.Sprintf("%v %+v %s %#v %q %v", credentials, credentials, credentials, credentials, credentials, &credentials) + log.String()
	encoded, err := json.Marshal(credentials)
	require.NoError(t, err)
	text += string(encoded)
	assert.Contains(t, text, "Digest")
	assert.NotContains(t, text, "secret")
}

func TestChallengeString(t *testing.T) {
	t.Parallel()
	for want, challenge := range map[string]authentication.Challenge{
		"Negotiate":     {Scheme: "Negotiate"},
		"Negotiate a==": {Scheme: "Negotiate", Token: "a=="},
		`Basic realm="a \"b\" \\c", charset="UTF-8"`: {Scheme: "Basic", Params: authentication.Params{
			{Name: "realm", Value: `a "b" \c`}, {Name: "charset", Value: "UTF-8"},
		}},
		`Digest algorithm=SHA-256, stale=true, qop="a b"`: {Scheme: "Digest", Params: authentication.Params{
			{Name: "algorithm", Value: "SHA-256", Bare: true}, {Name: "stale", Value: "true", Bare: true}, {Name: "qop", Value: "a b", Bare: true},
		}},
		`Basic realm="aSet-Cookie: x=y"`: {Scheme: "Basic", Params: authentication.Params{{Name: "realm", Value: "a\r\nSet-Cookie: x=y\x00"}}},
	} {
		assert.Equal(t, want, challenge.String())
	}
}

// FuzzParseChallenges: what is read is written so that it is read again, and no
// error tells what stood there.
func FuzzParseChallenges(f *testing.F) {
	for _, seed := range []string{
		"Basic abc==", `Digest a="b\"c", d=e, Bearer, Basic x`, "X a=b=c,,", `X a="`, "Negotiate a=, Y b =\tc", "X 1=2 3", "a,b,c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		all, err := authentication.ParseChallenges(value)
		if err != nil {
			require.Empty(t, all)
			require.Less(t, len(err.Error()), 80)
			return
		}
		require.NotEmpty(t, all)
		for _, challenge := range all {
			if strings.ContainsFunc(challenge.String(), func(r rune) bool { return r < ' ' }) {
				continue // a tab is written as it is
			}
			again, err := authentication.ParseChallenges(challenge.String())
			require.NoError(t, err, challenge.String())
			require.Len(t, again, 1)
			require.Equal(t, challenge.String(), again[0].String())
		}
	})
}
