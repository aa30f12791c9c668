package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/config"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	arguments, err := config.ParseArguments([]string{
		"-config=a.conf", "-port=1", "-P:ktor.deployment.port=2", "-port=3", "-host=", "-sslPort=8443", "-sslKeyStore=keys.p12", "-path=/shop", "-watch=a,b",
		"-P:a.b=x=y", "-config=b.yaml", "-P:a.b=z", "-P:list.0=zero", "-P:empty=",
		"serve", "-port", "80", "--port=80", "-P:a", "-Port=80", "-jar=x.jar", "-config", "=", "",
	})
	require.NoError(t, err)
	require.Equal(t, []string{"a.conf", "b.yaml"}, arguments.Paths)
	require.Equal(t, []string{"serve", "-port", "80", "--port=80", "-P:a", "-Port=80", "-jar=x.jar", "-config", "=", ""}, arguments.Ignored)
	require.Equal(t, map[string]any{
		"ktor": map[string]any{
			"deployment": map[string]any{"port": "3", "host": "", "sslPort": "8443", "rootPath": "/shop", "watch": []any{"a", "b"}},
			"security":   map[string]any{"ssl": map[string]any{"keyStore": "keys.p12"}},
		},
		"a": map[string]any{"b": "z"}, "list": []any{"zero"}, "empty": "",
	}, arguments.Properties.Map())
	for path, want := range map[string]string{"ktor.deployment.port": "-port", "a.b": "-P", "list.0": "-P", "ktor.deployment.watch": "-watch"} {
		require.Equal(t, want, arguments.Properties.Site(path).String(), path)
	}
	require.EqualError(t, arguments.Properties.Decode("a.b", new(int)), `-P: a.b: "z" is no whole number`)
}

func TestArgumentsThatMeanNothing(t *testing.T) {
	t.Parallel()
	_, err := config.ParseArguments([]string{"-config=", "-P:=1", "-P:a..b=1", "-P:.=", "-port=1"})
	require.EqualError(t, err, `read the command line: -config=: the path is empty
-P:: the key "" has an empty name: write -P:key=value or -P:a.key=value
-P:a..b: the key "a..b" has an empty name: write -P:key=value or -P:a.key=value
-P:.: the key "." has an empty name: write -P:key=value or -P:a.key=value`)
}

// TestPrecedence is the order of Ktor: a flag, -P, the environment, the last
// file, an earlier one.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	loader := config.Loader{Environment: environment(), Resources: files(map[string]string{
		"1.conf": "ktor.deployment { port = 1, a = 1, b = 1, c = 1, d = 1 }\nlist = [1, 1]\nhosts = [a, b]",
		"2.yaml": "ktor:\n  deployment: {port: 2, a: 2, b: 2, c: 2}\nlist: [2]\n",
	})}
	arguments, err := config.ParseArguments([]string{"-config=1.conf", "-config=2.yaml", "-port=5", "-P:ktor.deployment.port=4", "-P:ktor.deployment.a=4", "-P:hosts.0=x"})
	require.NoError(t, err)
	p, err := arguments.Load(loader, []string{"ktor.deployment.port=3", "ktor.deployment.a=3", "ktor.deployment.b=3", "ktor=", "KTOR.deployment.c=3", "ktor.x", "list=3"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"ktor": map[string]any{"deployment": map[string]any{"port": "5", "a": "4", "b": "3", "c": int64(2), "d": int64(1)}},
		"list": []any{int64(2)}, "hosts": []any{"x"},
	}, p.Map())
	require.Equal(t, "environment", p.Site("ktor.deployment.b").String())
	require.Equal(t, "2.yaml:2:40", p.Site("ktor.deployment.c").String())
	_, err = config.Arguments{Paths: []string{"nowhere.conf"}}.Load(loader, nil)
	require.ErrorContains(t, err, "load configuration: nowhere.conf: ")
}
