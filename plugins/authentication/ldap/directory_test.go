package ldap_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/slapdtest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/ldap"
)

func TestWhoIsKnown(t *testing.T) {
	server := start(t)
	for way, directory := range map[string]*ldap.Directory{"by name": byName(t, server), "by search": bySearch(t, server)} {
		t.Run(way, func(t *testing.T) {
			entry, err := directory.Authenticate(t.Context(), "ann", "secret of ann")
			require.NoError(t, err)
			assert.Equal(t, "uid=ann,ou=people,"+suffix, entry.DN)
			assert.Empty(t, entry.Get("cn"), "nothing was asked for")
			assert.Empty(t, entry.All("cn"))

			entry, err = directory.Authenticate(t.Context(), eve, "secret of eve é")
			require.NoError(t, err, "what has to be escaped")
			parsed, err := goldap.ParseDN(entry.DN)
			require.NoError(t, err)
			assert.Equal(t, eve, parsed.RDNs[0].Attributes[0].Value)

			for name, passwords := range map[string][]string{
				"ann":                              {"", "secret", "secret of bob", "secret of ann ", "\x00", strings.Repeat("x", 2000), "\xff"},
				"bea":                              {"", "secret of ann"}, // who has no password
				"nobody":                           {"", "secret of ann"},
				"":                                 {"", "secret of ann"},
				"*":                                {"secret of ann"},
				"an*":                              {"secret of ann"},
				"ann)(uid=*":                       {"secret of ann"},
				"x)(|(uid=ann":                     {"secret of ann"},
				"ann,ou=people,dc=example,dc=org":  {"secret of ann"},
				"ann,ou=people,dc=example,dc=org#": {"secret of ann"},
				"ann+cn=Ann":                       {"secret of ann"},
				"ann\x00":                          {"secret of ann"},
				" \",; \u0419":                     {"secret of ann"},
				"ann\xff":                          {"secret of ann"},
				strings.Repeat("a", 10_000):        {"secret of ann"},
				"%s":                               {"secret of ann"},
			} {
				for _, password := range passwords {
					assertRefused(t, directory, name, password)
				}
			}
		})
	}
}

func TestAttributes(t *testing.T) {
	server := start(t)
	names := func(c *ldap.Config) { c.Attributes = []string{"cn", "mail", "description"} }
	for way, directory := range map[string]*ldap.Directory{
		"by name": byName(t, server, names), "by search": bySearch(t, server, names),
	} {
		entry, err := directory.Authenticate(t.Context(), "ann", "secret of ann")
		require.NoError(t, err, way)
		assert.Equal(t, "Ann", entry.Get("CN"), way)
		assert.Equal(t, "ann@example.org", entry.Get("mail"), way)
		assert.Equal(t, []string{"ann@example.org", "ann@example.com"}, entry.All("Mail"), way)
		assert.Empty(t, entry.Get("description"), way)
		assert.Empty(t, entry.All("sn"), way)
		assertRefused(t, directory, "ann", "wrong")
	}
}

// Two who are found are nobody.
func TestFilterThatFindsTwo(t *testing.T) {
	directory := bySearch(t, start(t), func(c *ldap.Config) { c.SearchFilter = "(|(uid=%s)(mail=%s))" })
	entry, err := directory.Authenticate(t.Context(), "ann@example.com", "secret of ann")
	require.NoError(t, err)
	assert.Equal(t, "uid=ann,ou=people,"+suffix, entry.DN)
	_, err = directory.Authenticate(t.Context(), "team@example.org", "secret of bob")
	require.ErrorContains(t, err, "search a user: the filter (|(uid=%s)(mail=%s)) finds more than one")
	assert.NotErrorIs(t, err, authentication.ErrInvalidCredentials)
}

// The application's own mistakes are no wrong password of a user.
func TestFailures(t *testing.T) {
	server := start(t)
	for want, directory := range map[string]*ldap.Directory{
		"log in to search: the directory answers 49, Invalid Credentials": bySearch(t, server, func(c *ldap.Config) { c.BindPassword = "wrong" }),
		"search a user: the directory answers 32, No Such Object":         bySearch(t, server, func(c *ldap.Config) { c.SearchBase = "ou=nowhere," + suffix }),
		"connect: ": byName(t, server, func(c *ldap.Config) { c.URL = "ldap://127.0.0.1:1" }),
	} {
		assertFailed(t, directory, want)
	}
}

// Nobody has logged in who searches: the directory of the tests shows him
// nothing.
func TestSearchWithoutALogin(t *testing.T) {
	directory := bySearch(t, start(t), func(c *ldap.Config) { c.BindDN, c.BindPassword = "", "" })
	assertFailed(t, directory, "search a user: the directory answers 32, No Such Object")
}

func TestTLS(t *testing.T) {
	server := start(t)
	secure := func(c *ldap.Config) { c.Security = ldap.StartTLS }
	ldaps := func(c *ldap.Config) { c.URL = server.TLS() }
	for name, configure := range map[string][]func(*ldap.Config){
		"StartTLS": {secure, trusting(server)}, "ldaps": {ldaps, trusting(server)}, "ldaps is enough": {ldaps, secure, trusting(server)},
	} {
		for _, directory := range []*ldap.Directory{byName(t, server, configure...), bySearch(t, server, configure...)} {
			entry, err := directory.Authenticate(t.Context(), "ann", "secret of ann")
			require.NoError(t, err, name)
			assert.NotEmpty(t, entry.DN)
			assertRefused(t, directory, "ann", "wrong")
		}
	}
	// Nothing is sent to a server that is another one, or none.
	assertFailed(t, byName(t, server, secure), "start TLS: ")
	assertFailed(t, byName(t, server, ldaps), "begin TLS: ")
	named := func(c *ldap.Config) {
		c.TLS = &tls.Config{RootCAs: server.Roots(), ServerName: "elsewhere", MinVersion: tls.VersionTLS12}
	}
	assertFailed(t, byName(t, server, secure, named), "start TLS: ")
	assertFailed(t, byName(t, server, ldaps, named), "begin TLS: ")
}

// A directory that does not want TLS gets no password.
func TestPasswordWaitsForTLS(t *testing.T) {
	address, received := listen(t, func(conn net.Conn) {
		// An answer to the first message: 2, protocol error.
		_, _ = conn.Write([]byte{0x30, 0x0c, 0x02, 0x01, 0x01, 0x78, 0x07, 0x0a, 0x01, 0x02, 0x04, 0x00, 0x04, 0x00})
	})
	directory := newDirectory(t, func(c *ldap.Config) { c.URL, c.UserDN = "ldap://"+address, "uid=%s,"+suffix })
	assertFailed(t, directory, "start TLS: the directory answers 2, Protocol Error")
	assert.NotContains(t, received(), "secret of ann")
}

// listen starts a server that answers as it is told, and returns what it was sent
// when its connections have ended.
func listen(t *testing.T, serve func(net.Conn)) (address string, received func() string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var mu sync.Mutex // guards what follows
	var all strings.Builder
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				first := make([]byte, 1024)
				n, _ := conn.Read(first)
				serve(conn)
				rest, _ := io.ReadAll(conn)
				mu.Lock()
				defer mu.Unlock()
				all.Write(append(first[:n], rest...))
			})
		}
	})
	end := sync.OnceFunc(func() {
		assert.NoError(t, listener.Close())
		served.Wait()
	})
	t.Cleanup(end)
	return listener.Addr().String(), func() string { end(); return all.String() }
}

// A directory that answers nothing is a failure after its time, or that of the
// call.
func TestSilence(t *testing.T) {
	address, _ := listen(t, func(net.Conn) {})
	silent := func(c *ldap.Config) { c.URL = "ldap://" + address }
	for name, configure := range map[string]func(*ldap.Config){
		"StartTLS":  func(c *ldap.Config) { c.Security = ldap.StartTLS },
		"ldaps":     func(c *ldap.Config) { c.URL = "ldaps://" + address },
		"plaintext": func(*ldap.Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			directory := byName(t, &slapdtest.Server{}, silent, configure, func(c *ldap.Config) { c.Timeout = 50 * time.Millisecond })
			_, err := directory.Authenticate(t.Context(), "ann", "secret of ann")
			require.ErrorIs(t, err, context.DeadlineExceeded)

			patient := byName(t, &slapdtest.Server{}, silent, configure, func(c *ldap.Config) { c.Timeout = 0 })
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err = patient.Authenticate(ctx, "ann", "secret of ann")
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

// Nonsense, and more of it than anybody reads, are failures.
func TestNonsense(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing":       "",
		"a page":        "HTTP/1.1 400 Bad Request\r\n\r\n",
		"zeros":         strings.Repeat("\x00", 100),
		"a long packet": "\x30\x84\x7f\xff\xff\xff" + strings.Repeat("x", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := listen(t, func(conn net.Conn) {
				_, _ = io.WriteString(conn, answer)
				_ = conn.Close()
			})
			directory := byName(t, &slapdtest.Server{}, func(c *ldap.Config) { c.URL = "ldap://" + address })
			assertFailed(t, directory, "ask the directory "+address)
		})
	}
}

// Questions beyond the bound wait, and no longer than their time.
func TestConnectionsAreBounded(t *testing.T) {
	arrived := make(chan struct{})
	address, _ := listen(t, func(net.Conn) { arrived <- struct{}{} })
	directory := byName(t, &slapdtest.Server{}, func(c *ldap.Config) { c.URL, c.MaxConnections, c.Timeout = "ldap://"+address, 2, 0 })
	ask := func(ctx context.Context) error {
		_, err := directory.Authenticate(ctx, "ann", "secret of ann")
		return err
	}
	first, leave := context.WithCancel(t.Context())
	var asked sync.WaitGroup
	for range 2 {
		asked.Go(func() { assert.ErrorIs(t, ask(first), context.Canceled) })
		<-arrived
	}
	late, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, ask(late), context.DeadlineExceeded) // and nobody has arrived

	next, cancelNext := context.WithCancel(t.Context())
	asked.Go(func() { assert.ErrorIs(t, ask(next), context.Canceled) })
	leave() // which makes room
	<-arrived
	cancelNext()
	asked.Wait()
}

// A directory that was down is asked again.
func TestRestart(t *testing.T) {
	server := start(t)
	directory := bySearch(t, server)
	_, err := directory.Authenticate(t.Context(), "ann", "secret of ann")
	require.NoError(t, err)
	server.Kill(t)
	assertFailed(t, directory, "connect: ")
	server.Restart(t)
	_, err = directory.Authenticate(t.Context(), "ann", "secret of ann")
	require.NoError(t, err)
}

func TestConcurrentQuestions(t *testing.T) {
	directory := bySearch(t, start(t), func(c *ldap.Config) { c.MaxConnections = 4 })
	var asked sync.WaitGroup
	for i := range 40 {
		asked.Go(func() {
			password := "secret of ann"
			if i%2 == 0 {
				password = "wrong"
			}
			_, err := directory.Authenticate(t.Context(), "ann", password)
			if i%2 == 0 {
				assert.ErrorIs(t, err, authentication.ErrInvalidCredentials)
			} else {
				assert.NoError(t, err)
			}
		})
	}
	asked.Wait()
}
