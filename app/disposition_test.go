package app_test

import (
	"mime"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestAttachment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ name, want string }{
		"a token":                        {"logo.png", "attachment; filename=logo.png"},
		"spaces":                         {"annual report.pdf", `attachment; filename="annual report.pdf"`},
		"letters beyond ASCII":           {"résumé.pdf", "attachment; filename=r_sum_.pdf; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf"},
		"quotes":                         {`say "hi".txt`, `attachment; filename="say _hi_.txt"; filename*=UTF-8''say%20%22hi%22.txt`},
		"a quote that would end it":      {`a"; filename="evil.exe`, `attachment; filename="a_; filename=_evil.exe"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.exe`},
		"a path":                         {"../../etc/passwd", "attachment; filename=passwd"},
		"a path of Windows":              {`C:\Windows\system.ini`, "attachment; filename=system.ini"},
		"a path alone":                   {"a/b/", "attachment"},
		"a line that would end it":       {"a\r\nSet-Cookie: b=c.txt", `attachment; filename="aSet-Cookie: b=c.txt"`},
		"NUL":                            {"a.png\x00.exe", "attachment; filename=a.png.exe"},
		"text that runs the other way":   {"photo\u202egpj.exe", "attachment; filename=photogpj.exe"},
		"an encoded byte":                {"a%2fb%41.txt", "attachment; filename=a_2fb_41.txt; filename*=UTF-8''a%252fb%2541.txt"},
		"an encoded name":                {"=?utf-8?q?a?=", `attachment; filename="=?utf-8?q?a?="`},
		"nothing":                        {"", "attachment"},
		"dots alone":                     {"..", "attachment"},
		"spaces and dots around":         {"  a.txt. . ", "attachment; filename=a.txt"},
		"hidden":                         {".profile", "attachment; filename=.profile"},
		"bytes that are no text":         {"a\xff.txt", "attachment; filename=a_.txt"},
		"an emoji of several characters": {"👩‍💻.txt", "attachment; filename=___.txt; filename*=UTF-8''%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, app.Attachment(test.name))
			assert.Equal(t, "inline"+strings.TrimPrefix(test.want, "attachment"), app.Inline(test.name))
		})
	}
	long := app.Attachment(strings.Repeat("ä", 1000) + ".tar.gz")
	_, parameters, err := mime.ParseMediaType(long)
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("ä", 126)+".gz", parameters["filename"])
}

// The tests of Ktor's ContentDispositionTest, of its filename* alone; here the
// name is sent in ASCII too.
func TestKtorContentDispositionTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ name, want string }{
		"testEscapeFilename":    {"''malicious.sh%00'normal.txt", "UTF-8''%27%27malicious.sh%2500%27normal.txt"},
		"testMultiByteFilename": {"a©あ𠮷.txt", "UTF-8''a%C2%A9%E3%81%82%F0%A0%AE%B7.txt"},
		// Different: a name is a name, also if it looks encoded.
		"testNoEncodeTwice": {"UTF-8''%27normal.txt", "UTF-8''UTF-8%27%27%2527normal.txt"},
	} {
		assert.True(t, strings.HasSuffix(app.Attachment(test.name), "; filename*="+test.want), "%s: %s", name, app.Attachment(test.name))
	}
}

// FuzzAttachment: a name of any bytes is one parameter of one header, and leads
// to no other folder.
func FuzzAttachment(f *testing.F) {
	for _, seed := range []string{"a.txt", "ä\"\\", "\r\n", "..", "a/../b", "%41", "\xff\x80", "'", strings.Repeat("ü", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		value := app.Attachment(name)
		require.Equal(t, -1, strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }), "%q", value)
		media, parameters, err := mime.ParseMediaType(value)
		require.NoError(t, err, value)
		require.Equal(t, "attachment", media)
		saved := parameters["filename"]
		require.LessOrEqual(t, len(saved), 255)
		require.True(t, utf8.ValidString(saved))
		require.NotContains(t, saved, "/")
		require.NotContains(t, saved, `\`)
		require.NotContains(t, []string{".", ".."}, saved)
		require.Equal(t, value, app.Attachment(saved), "what is saved is sent as it is")
	})
}

func TestAttachmentIsSent(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		c.Header().Set("Content-Disposition", app.Attachment("å b.txt"))
		return c.RespondText("x")
	}))
	response := get(t, a, "/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, `attachment; filename="_ b.txt"; filename*=UTF-8''%C3%A5%20b.txt`, response.Header.Get("Content-Disposition"))
}
