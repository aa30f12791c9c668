package slapdtest

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// AdminPassword is that of cn=admin below the suffix of a [Server].
const AdminPassword = "the password of admin"

// A Server is a slapd of the test's own, which listens at two ports of 127.0.0.1:
// one where TLS can be started, and one with TLS from the beginning. One
// goroutine uses it at a time.
type Server struct {
	program, folder string
	ports           [2]string
	roots           *x509.CertPool
	process         *exec.Cmd     // nil while it does not run
	ended           chan struct{} // closed when the process has ended
}

// Start starts a server with the entries of an LDIF, which are below the suffix
// and begin with it. Nobody may read them without a login. The program is the one
// that the environment variable SLAPD names, or the slapd in PATH or /usr/sbin;
// without any the test fails. When the test ends, the server is killed and its
// files are removed.
func Start(t testing.TB, suffix, ldif string) *Server {
	t.Helper()
	s := &Server{program: find(t), folder: t.TempDir()}
	s.roots = writeCertificate(t, s.folder)
	data := filepath.Join(s.folder, "data")
	require.NoError(t, os.Mkdir(data, 0o700))
	s.write(t, "slapd.conf", configuration(t, s.folder, suffix))
	entries := s.write(t, "entries.ldif", ldif)
	output, err := s.command("-T", "add", "-f", s.path("slapd.conf"), "-l", entries).CombinedOutput()
	require.NoError(t, err, "%s", output)
	for {
		s.ports = freePorts(t)
		if s.begin(t) {
			break
		}
	}
	t.Cleanup(func() { s.Kill(t) })
	return s
}

func find(t testing.TB) string {
	t.Helper()
	if named := os.Getenv("SLAPD"); named != "" {
		return named
	}
	for _, place := range []string{"slapd", "/usr/sbin/slapd", "/usr/local/libexec/slapd"} {
		if found, err := exec.LookPath(place); err == nil {
			return found
		}
	}
	require.Fail(t, "these tests need OpenLDAP's server: apt-get install slapd, or name the program in SLAPD")
	return ""
}

// configuration returns a slapd.conf. Debian's slapd has its databases in modules.
func configuration(t testing.TB, folder, suffix string) string {
	t.Helper()
	var lines []string
	schemas := ""
	for _, place := range []string{"/etc/ldap/schema", "/etc/openldap/schema", "/usr/local/etc/openldap/schema"} {
		if _, err := os.Stat(place); err == nil {
			schemas = place
			break
		}
	}
	require.NotEmpty(t, schemas, "the schemas of OpenLDAP are in no place where they are looked for")
	for _, name := range []string{"core", "cosine", "inetorgperson"} {
		lines = append(lines, "include "+schemas+"/"+name+".schema")
	}
	for _, place := range []string{"/usr/lib/ldap", "/usr/lib/openldap", "/usr/lib64/openldap"} {
		if _, err := os.Stat(filepath.Join(place, "back_mdb.la")); err == nil {
			lines = append(lines, "modulepath "+place, "moduleload back_mdb")
			break
		}
	}
	lines = append(lines,
		"pidfile "+folder+"/pid", "argsfile "+folder+"/args",
		"TLSCACertificateFile "+folder+"/roots.pem",
		"TLSCertificateFile "+folder+"/certificate.pem",
		"TLSCertificateKeyFile "+folder+"/key.pem",
		"database mdb", "directory "+folder+"/data",
		`suffix "`+suffix+`"`, `rootdn "cn=admin,`+suffix+`"`, `rootpw "`+AdminPassword+`"`,
		"access to attrs=userPassword by anonymous auth by * none",
		"access to * by users read by * none",
	)
	return strings.Join(lines, "\n") + "\n"
}

func (s *Server) path(name string) string { return filepath.Join(s.folder, name) }

func (s *Server) write(t testing.TB, name, text string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(s.path(name), []byte(text), 0o600))
	return s.path(name)
}

func (s *Server) command(args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), s.program, args...)
}

// freePorts returns two different ports that nobody listened to a moment ago.
func freePorts(t testing.TB) (ports [2]string) {
	t.Helper()
	for i := range ports {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		// When both are known, or the second may be the first.
		defer listener.Close() //nolint:errcheck // nobody has connected
		_, ports[i], err = net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
	}
	return ports
}

// URL returns the address at which TLS can be started.
func (s *Server) URL() string { return "ldap://127.0.0.1:" + s.ports[0] }

// TLS returns the address with TLS.
func (s *Server) TLS() string { return "ldaps://127.0.0.1:" + s.ports[1] }

// Roots returns who has signed the certificate of the server, which is for
// 127.0.0.1.
func (s *Server) Roots() *x509.CertPool { return s.roots }

// Restart starts the server again, at the same addresses, after [Server.Kill].
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	require.True(t, s.begin(t), "somebody else has a port of the server")
}

// begin starts the server, and returns when it can be used. It returns false if
// it does not run, since somebody else has a port of it.
func (s *Server) begin(t testing.TB) bool {
	t.Helper()
	// With -d it stays what it is and does not fork.
	process := s.command("-d", "0", "-h", s.URL()+"/ "+s.TLS()+"/", "-f", s.path("slapd.conf"))
	var log strings.Builder
	process.Stderr = &log
	require.NoError(t, process.Start())
	ended := make(chan struct{})
	s.process, s.ended = process, ended
	go func() {
		_ = process.Wait() // says that it was killed
		close(ended)
	}()
	for began := time.Now(); !s.answers(t, s.ports[0]) || !s.answers(t, s.ports[1]); {
		select {
		case <-ended:
			s.process = nil
			return false
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(began) > time.Minute {
			s.Kill(t)
			require.Fail(t, "slapd does not start", "%s", log.String())
		}
	}
	return true
}

func (s *Server) answers(t testing.TB, port string) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// Kill ends the server, which cannot do anything first. It does nothing if the
// server does not run.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.process != nil {
		require.NoError(t, s.process.Process.Kill())
		<-s.ended
		s.process = nil
	}
}
