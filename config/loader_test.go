package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

// folder returns a new directory with these files.
func folder(t *testing.T, files fs.FS) string {
	t.Helper()
	directory := t.TempDir()
	require.NoError(t, os.CopyFS(directory, files))
	return directory
}

func TestDefaultFileIsTheFirstThatExists(t *testing.T) {
	t.Parallel()
	all := map[string]string{"application.conf": "from = conf", "application.yaml": "from: yaml", "application.yml": "from: yml"}
	only := func(names ...string) fs.FS {
		some := map[string]string{}
		for _, name := range names {
			some[name] = all[name]
		}
		return files(some)
	}
	for name, test := range map[string]struct {
		resources, directory fs.FS
		want                 string
	}{
		"nothing":                  {nil, only(), ""},
		"conf before yaml":         {only("application.yaml", "application.conf"), only(), "conf"},
		"yaml before yml":          {nil, only("application.yaml", "application.yml"), "yaml"},
		"yml":                      {only(), only("application.yml"), "yml"},
		"resources before folders": {only("application.yml"), only("application.conf"), "yml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := config.Loader{Resources: test.resources, Directory: folder(t, test.directory), Environment: environment()}.Load()
			require.NoError(t, err)
			requireText(t, p, "from", test.want)
		})
	}
}

func TestNamedFilesAreFound(t *testing.T) {
	t.Parallel()
	outside := folder(t, files(map[string]string{"conf/outside.conf": "from = outside", "inner/x": ""}))
	loader := config.Loader{
		Directory: filepath.Join(outside, "inner"), Environment: environment(),
		Resources: files(map[string]string{
			"conf/a.conf": "from = a, only.a = 1", "b.json": `{"from": "b"}`, "c.properties": "from=c\nonly.c=3", "D.YAML": "from: d\nonly: {d: 4}",
		}),
	}
	for name, test := range map[string]struct {
		paths []string
		want  map[string]string
	}{
		"in a folder of the resources": {[]string{"conf/a.conf"}, map[string]string{"from": "a"}},
		"outside of the directory":     {[]string{"../conf/outside.conf"}, map[string]string{"from": "outside"}},
		"by an absolute path":          {[]string{filepath.Join(outside, "conf", "outside.conf")}, map[string]string{"from": "outside"}},
		"the last of several wins":     {[]string{"conf/a.conf", "D.YAML", "c.properties", "b.json"}, map[string]string{"from": "b", "only.a": "1", "only.c": "3", "only.d": "4"}},
		"the same in the other order":  {[]string{"b.json", "c.properties", "D.YAML", "conf/a.conf"}, map[string]string{"from": "a"}},
		"one file twice is no mistake": {[]string{"b.json", "b.json"}, map[string]string{"from": "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := loader.Load(test.paths...)
			require.NoError(t, err)
			for path, want := range test.want {
				requireText(t, p, path, want)
			}
		})
	}
}

func TestFilesThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	directory := folder(t, files(map[string]string{"folder.conf/x": "", "large.yaml": strings.Repeat("#", config.FileLimit+1), "full.yaml": strings.Repeat("#", config.FileLimit)}))
	loader := config.Loader{Resources: files(map[string]string{"bad.conf": "a = [", "bad.yaml": "a: 1\nb: [", "good.conf": "a = 1"}), Directory: directory, Environment: environment()}
	for path, want := range map[string]string{
		"nowhere.conf": "load configuration: nowhere.conf: there is no such file in the resources or " + directory + ": file does not exist",
		"../bad.conf":  "load configuration: ../bad.conf: there is no such file in the resources or ",
		"./bad.yaml":   "load configuration: ./bad.yaml: there is no such file in the resources or ",
		"a.toml":       `load configuration: a.toml: the extension ".toml" is none of .conf, .json, .properties, .yaml and .yml`,
		"":             `load configuration: : the extension "" is none of .conf`,
		"folder.conf":  "load configuration: folder.conf: read: ",
		"large.yaml":   "load configuration: large.yaml: it is larger than 1024 KiB",
		"bad.conf":     "load configuration: bad.conf:1:",
		"bad.yaml":     "load configuration: bad.yaml:3:1: ",
	} {
		p, err := loader.Load("good.conf", path)
		require.ErrorContains(t, err, want, path)
		require.Equal(t, strings.Contains(want, "no such file"), errors.Is(err, fs.ErrNotExist), path)
		require.Empty(t, p.Keys())
	}
	p, err := loader.Load("full.yaml")
	require.NoError(t, err)
	require.Empty(t, p.Keys())
	_, err = config.Loader{Environment: variables(map[string]string{"CONFIG_FILE": "nowhere.conf"})}.Load()
	require.EqualError(t, err, "load configuration: nowhere.conf: there is no such file in the working directory: file does not exist")
}

// TestIncludedFilesAreFound: beside the file that includes them, or else in the
// other place.
func TestIncludedFilesAreFound(t *testing.T) {
	t.Parallel()
	loader := config.Loader{
		Resources:   files(map[string]string{"conf/a.conf": "include \"shared\"\ninclude \"local.conf\"", "conf/shared.conf": "shared = resources", "both.conf": "both = resources"}),
		Directory:   folder(t, files(map[string]string{"conf/local.conf": "local = directory", "b.conf": `include "both"`, "both.conf": "both = directory"})),
		Environment: environment(),
	}
	p, err := loader.Load("conf/a.conf", "b.conf")
	require.NoError(t, err)
	for path, want := range map[string]string{"shared": "resources", "local": "directory", "both": "directory"} {
		requireText(t, p, path, want)
	}
	require.Equal(t, "conf/shared.conf:1:10", p.Site("shared").String())
}

// TestUnsetVariableOfALaterFileKeepsTheValue: ${?X} that is not set is nil, or
// nothing, and takes nothing away from the file before.
func TestUnsetVariableOfALaterFileKeepsTheValue(t *testing.T) {
	t.Parallel()
	resources := files(map[string]string{"a.conf": "port = 8080", "b.yaml": "port: ${?PORT}", "c.conf": "port = ${?PORT}"})
	for want, set := range map[string]map[string]string{"8080": nil, "9": {"PORT": "9"}} {
		for _, over := range []string{"b.yaml", "c.conf"} {
			p, err := config.Loader{Resources: resources, Environment: variables(set)}.Load("a.conf", over)
			require.NoError(t, err)
			requireText(t, p, "port", want)
		}
	}
}

// TestEnvironmentOfTheProcess: the zero Loader reads that, and the working
// directory.
func TestEnvironmentOfTheProcess(t *testing.T) {
	t.Chdir(folder(t, files(map[string]string{"application.yaml": "a: $CONFIG_TEST_VARIABLE"})))
	t.Setenv("CONFIG_TEST_VARIABLE", "set")
	t.Setenv("CONFIG_FILE", "") // is as if it were not set
	p, err := config.Loader{}.Load()
	require.NoError(t, err)
	requireText(t, p, "a", "set")
	require.Equal(t, "application.yaml:1:4", p.Site("a").String())
}

func TestMissingPropertyNamesTheFile(t *testing.T) {
	t.Parallel()
	p, err := config.Loader{Resources: files(map[string]string{"a.conf": "a { b = 1 }", "b.yaml": "c: 1"}), Environment: environment()}.Load("a.conf", "b.yaml")
	require.NoError(t, err)
	for path, want := range map[string]string{"d.e": "b.yaml", "a.d": "a.conf:1:3", "a.b.c": "a.conf:1:9"} {
		_, err := app.Property[int](p, path)
		require.EqualError(t, err, want+": "+path+": it is required, and missing")
	}
}
