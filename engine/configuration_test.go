package engine_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

// files returns resources of one file.
func files(name, text string) engine.Option {
	return engine.Resources(fstest.MapFS{name: {Data: []byte(text)}})
}

// startFromArgs starts a server of arguments and of a configuration, and stops
// it when the test ends.
func startFromArgs(t *testing.T, text string, modules engine.Modules, args ...string) *engine.Server {
	t.Helper()
	server, err := engine.FromArgs(args, modules, quiet, files("application.conf", text))
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return server
}

func TestServerOfAConfiguration(t *testing.T) {
	t.Parallel()
	server := startFromArgs(t, `
		ktor {
			development = true
			deployment {
				host = 127.0.0.1, port = 0, rootPath = /shop
				shutdownGracePeriod = 2000, shutdownTimeout = 3 s
				requestReadTimeoutSeconds = 7, responseWriteTimeoutSeconds = 8
				callGroupSize = 12
			}
			application { id = market, modules = [ com.example.ApplicationKt.module, "com.example.ApplicationKt#second" ] }
		}`, engine.Modules{
		"com.example.ApplicationKt.module": answer(hello),
		"com.example.ApplicationKt.second": func(a *app.Application) {
			a.OnStart(func(context.Context) error { return nil })
		},
		"never": func(a *app.Application) { a.Fail(assert.AnError) },
	})
	config := server.Application().Config()
	assert.True(t, config.Development)
	assert.Equal(t, "/shop", config.RootPath)
	assert.Equal(t, 2*time.Second, config.ShutdownGrace)
	assert.Equal(t, 3*time.Second, config.ShutdownTimeout)
	assert.Equal(t, 7*time.Second, config.ReadTimeout)
	assert.Equal(t, 8*time.Second, config.WriteTimeout)
	group, _ := config.Properties.Text("ktor.deployment.callGroupSize")
	assert.Equal(t, "12", group, "the application reads what the engine does not need")

	response, err := http.Get("http://" + server.Addrs()[0].String())
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

// TestLastWord: flags come before -P, -P before files, files before options, and
// what an option behind a Configuration says before that.
func TestLastWord(t *testing.T) {
	t.Parallel()
	const text = "ktor.deployment { host = 127.0.0.1, port = 1, shutdownGracePeriod = 1000, rootPath = /file }"
	modules := engine.Modules{}
	server, err := engine.FromArgs([]string{
		"-port=0", "-P:ktor.deployment.port=2", "-P:ktor.deployment.shutdownGracePeriod=3000", "-path=/flag", "-verbose",
	}, modules, quiet, engine.Port(4), engine.ShutdownGrace(4*time.Second), engine.ShutdownTimeout(5*time.Second), files("application.conf", text))
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	defer func() { require.NoError(t, server.Stop(context.Background())) }()
	assert.Len(t, server.Addrs(), 1)
	config := server.Application().Config()
	assert.Equal(t, 3*time.Second, config.ShutdownGrace, "-P before the file and the option")
	assert.Equal(t, 5*time.Second, config.ShutdownTimeout, "nobody else says it")
	assert.Equal(t, "/flag", config.RootPath)

	embedded := engine.EmbeddedServer(answer(hello), quiet, engine.ShutdownGrace(6*time.Second), files("a.conf", text),
		engine.Configuration("a.conf"), engine.Port(0))
	require.NoError(t, embedded.Start(t.Context()))
	defer func() { require.NoError(t, embedded.Stop(context.Background())) }()
	assert.Equal(t, time.Second, embedded.Application().Config().ShutdownGrace)

	commanded := engine.EmbeddedServer(answer(hello), quiet, files("application.yaml", "ktor: {deployment: {host: 127.0.0.1}}"),
		engine.CommandLine([]string{"-port=0", "-P:ktor.deployment.rootPath=/p"}))
	require.NoError(t, commanded.Start(t.Context()))
	defer func() { require.NoError(t, commanded.Stop(context.Background())) }()
	assert.Equal(t, "/p", commanded.Application().Config().RootPath)
}

// TestConfigurationsOneAfterTheOther: what a file does not say, it leaves to the
// option before it, and not to the file before that.
func TestConfigurationsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	resources := engine.Resources(fstest.MapFS{
		"a.conf": {Data: []byte("ktor { deployment { host = 127.0.0.1, rootPath = /a, prot = 1 }, application.id = shop }")},
		"b.conf": {Data: []byte("database.url = b")},
	})
	server := engine.EmbeddedServer(answer(hello), engine.Logger(slog.New(slog.NewTextHandler(&log, nil))), resources,
		engine.Configuration("a.conf"), engine.Port(0), engine.HTTP2Cleartext(), engine.Configuration("b.conf"))
	require.NoError(t, server.Start(t.Context()))
	require.NoError(t, server.Stop(context.Background()))
	require.Len(t, server.Addrs(), 1)
	assert.True(t, server.Addrs()[0].(*net.TCPAddr).IP.IsLoopback(), "the host of a file is that of a port elsewhere: %v", server.Addrs())
	assert.Equal(t, 1, strings.Count(log.String(), "deployment.prot"), log.String())
	assert.NotContains(t, log.String(), "application=shop application=shop")

	between := engine.EmbeddedServer(answer(hello), quiet, files("a.conf", "ktor.deployment { host = 127.0.0.1, port = 1 }"),
		engine.Configuration("a.conf"), engine.Port(0), files("b.conf", "database.url = b"), engine.Configuration("b.conf"))
	require.NoError(t, between.Start(t.Context()))
	require.NoError(t, between.Stop(context.Background()))
	assert.NotEqual(t, 1, between.Addrs()[0].(*net.TCPAddr).Port)
}

// TestMistakesOfAConfiguration: each has the line of the file.
func TestMistakesOfAConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		args []string
		says []string
	}{
		"an unknown module": {
			"ktor {\n deployment.port = 0\n application.modules = [\n a.b,\n c.d ] }", nil,
			[]string{`application.conf:5:2: ktor.application.modules: there is no module "c.d": engine.Modules has a.b, nothing`},
		},
		"a nil module": {
			"ktor { deployment.port = 0, application.modules = [ nothing ] }", nil,
			[]string{`application.conf:1:53: ktor.application.modules: the module "nothing" is nil`},
		},
		"modules that are no list": {
			"ktor { deployment.port = 0, application.modules = a.b }", nil,
			[]string{`application.conf:1:51: ktor.application.modules: it is no list of the names of modules`},
		},
		"no connector": {"", nil, []string{"configuration_test.go", "there is no connector: say ktor.deployment.port"}},
		"no port": {
			"ktor.deployment.port = 65536\n ktor.deployment.rootPath = x\n ktor.deployment.shutdownTimeout = soon", nil,
			[]string{"application.conf:1:24: ktor.deployment.port:", "application.conf:3:36: ktor.deployment.shutdownTimeout:"},
		},
		"a negative time": {
			"ktor.deployment.port = 0\nktor.deployment.shutdownDelay = -1s", nil,
			[]string{"application.conf:2:33: ktor.deployment.shutdownDelay:", "negative"},
		},
		"a negative time of the start": {
			"ktor.deployment.port = 0\nktor.application.startupTimeoutMillis = -1", nil,
			[]string{"application.conf:2:41: ktor.application.startupTimeoutMillis: it is negative"},
		},
		"a path of the end": {
			"ktor.deployment.port = 0\nktor.deployment.shutdown.url = bye", nil,
			[]string{"application.conf:2:32: ktor.deployment.shutdown.url: it does not begin with a slash"},
		},
		"TLS without a key store": {
			"ktor.deployment.sslPort = 0", nil, []string{"application.conf:1:27: ktor.deployment.sslPort: it needs ktor.security.ssl.keyStore, or"},
		},
		"a key store without its password": {
			"ktor { deployment.sslPort = 0, security.ssl.keyStore = a.p12 }", nil,
			[]string{"ktor.deployment.sslPort: it needs ktor.security.ssl.keyStorePassword"},
		},
		"a certificate without its key": {
			"ktor { deployment.sslPort = 0, security.ssl.certificate = a.pem }", nil, []string{"it needs ktor.security.ssl.privateKey"},
		},
		"two certificates": {
			"ktor { deployment.sslPort = 0, security.ssl { keyStore = a.p12, certificate = a.pem } }", nil,
			[]string{"application.conf:1:79: ktor.security.ssl.certificate: there is a keyStore as well"},
		},
		"an old protocol": {
			"ktor { deployment.sslPort = 0, security.ssl { keyStore = a.p12, keyStorePassword = x\n enabledProtocols = [ TLSv1.1 ] } }", nil,
			[]string{`application.conf:2:21: ktor.security.ssl.enabledProtocols: TLS protocols: "TLSv1.1" is unknown or too weak`},
		},
		"a flag": {"", []string{"-port=http"}, []string{"-port: ktor.deployment.port:"}},
		"a kind of start": {
			"ktor.deployment.port = 0\nktor.application.startup = parallel", nil,
			[]string{"application.conf:2:28: ktor.application.startup:", "sequential"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			modules := engine.Modules{"a.b": func(*app.Application) {}, "nothing": nil}
			server, err := engine.FromArgs(test.args, modules, quiet, files("application.conf", test.text))
			require.NoError(t, err)
			err = server.Start(t.Context())
			for _, says := range test.says {
				require.ErrorContains(t, err, says)
			}
		})
	}
}

// TestConfigurationThatCannotBeRead: it is an error of FromArgs, and a mistake
// of the options.
func TestConfigurationThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, err := engine.FromArgs(nil, nil, quiet, files("application.conf", "ktor {\n a = [1, 2\n}"))
	require.ErrorContains(t, err, "application.conf:3:")
	_, err = engine.FromArgs([]string{"-config=nowhere.conf"}, nil, quiet)
	require.ErrorContains(t, err, "nowhere.conf")
	_, err = engine.FromArgs([]string{"-config="}, nil, quiet)
	require.ErrorContains(t, err, "-config")

	err = engine.EmbeddedServer(answer(hello), quiet, engine.Configuration("nowhere.yaml")).Start(t.Context())
	require.ErrorContains(t, err, "configuration_test.go")
	require.ErrorContains(t, err, "nowhere.yaml")
	err = engine.EmbeddedServer(answer(hello), quiet, engine.CommandLine([]string{"-config="})).Start(t.Context())
	require.ErrorContains(t, err, "configuration_test.go")
}

// TestNamesThatMeanNothing are no mistake, since other engines may know them, but
// the log says where they stand.
func TestNamesThatMeanNothing(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	server, err := engine.FromArgs(nil, nil, engine.Logger(slog.New(slog.NewTextHandler(&log, nil))),
		files("application.conf", "ktor.deployment {\n port = 0\n prot = 80 }\nktor.security.ssl.trustStoer = a"))
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	require.NoError(t, server.Stop(context.Background()))
	lines := strings.Split(log.String(), "\n")
	assert.Contains(t, lines[0], "application.conf:3:9: ktor.deployment.prot")
	assert.Contains(t, lines[0], "application.conf:4:32: ktor.security.ssl.trustStoer: it is unknown: is it trustStore?")
	assert.Contains(t, log.String(), "names no module")
}

// TestModulesThatAreNull are none: a file may take them from a variable.
func TestModulesThatAreNull(t *testing.T) {
	t.Parallel()
	startFromArgs(t, "ktor { deployment { host = 127.0.0.1, port = 0 }, application.modules = null }", nil)
}

// TestIgnoredArguments: the log names flags, and no values, which may be secrets.
func TestIgnoredArguments(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	args := []string{"-port", "80", "--password=hunter2", "-P", "database.password=hunter2", "-verbose"}
	_, err := engine.FromArgs(args, nil, engine.Logger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, err)
	assert.Contains(t, log.String(), `arguments="[-port ... --password=... -P ... -verbose]"`)
}

// TestTLSOfAConfiguration: the second file replaces the connector of the first.
func TestTLSOfAConfiguration(t *testing.T) {
	t.Parallel()
	stores := engine.Resources(os.DirFS("../internal/keystore/testdata"))
	server := engine.EmbeddedServer(answer(hello), quiet, stores, engine.CommandLine([]string{
		"-host=127.0.0.1", "-sslPort=1", "-P:ktor.security.ssl.keyStore=openssl.p12", "-P:ktor.security.ssl.keyStorePassword=changeit",
	}), engine.CommandLine([]string{
		"-sslPort=0", "-sslKeyStore=keytool.p12", "-P:ktor.security.ssl.keyAlias=sampleAlias",
		"-P:ktor.security.ssl.keyStorePassword=foobar ", "-P:ktor.security.ssl.enabledProtocols.0=TLSv1.3",
	}))
	require.NoError(t, server.Start(t.Context()))
	defer func() { require.NoError(t, server.Stop(context.Background())) }()
	require.Len(t, server.Addrs(), 1)
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(t.Context(), "tcp", server.Addrs()[0].String())
	require.NoError(t, err)
	assert.Equal(t, uint16(tls.VersionTLS13), conn.(*tls.Conn).ConnectionState().Version)
	require.NoError(t, conn.Close())
}

// TestShutdownURLOfAConfiguration: the key installs what the plugin is in front
// of the application.
func TestShutdownURLOfAConfiguration(t *testing.T) {
	t.Parallel()
	server := startFromArgs(t, "ktor.deployment { host = 127.0.0.1, port = 0, shutdown.url = /bye }", nil)
	response, err := http.Get("http://" + server.Addrs()[0].String() + "/bye")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusGone, response.StatusCode)
	require.NoError(t, server.Wait())
}

// TestKtorEngineMainTest is Ktor's EngineMainTest of Netty.
func TestKtorEngineMainTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string
		limit int
	}{
		"testNettyCodecConfiguration":        {"maxInitialLineLength: 2048, maxHeaderSize: 1024, maxChunkSize: 42", 1024},
		"testNettyCodecDefaultConfiguration": {"", 64 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var limit int
			see := engine.HTTPServer(func(s *http.Server) { limit = s.MaxHeaderBytes })
			server := engine.EmbeddedServer(answer(hello), quiet,
				files("application.conf", "ktor { deployment { host = 127.0.0.1, port = 0, "+test.text+" } }"), engine.Configuration(), see)
			require.NoError(t, server.Start(t.Context()))
			require.NoError(t, server.Stop(context.Background()))
			assert.Equal(t, test.limit, limit)
		})
	}
}
