package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

const withEnvironment = `
ktor {
    deployment {
        port = 8080
        port = ${?PORT}
    }

    application {
        class = <org.company.ApplicationClass>
    }
}
`

// of loads the properties of a command line and an environment.
func of(t *testing.T, environ []string, args ...string) app.Properties {
	t.Helper()
	arguments, err := config.ParseArguments(args)
	require.NoError(t, err)
	p, err := arguments.Load(config.Loader{Environment: environment(), Resources: files(map[string]string{
		"applicationWithEnv.conf": withEnvironment,
		"application.yaml":        "ktor:\n    deployment:\n        port: 8081\n    application:\n        class: org.company.ApplicationClass\n    test: test_value\n",
		"application-main.conf": `
ktor {
    deployment {
        port = 8080
    }

    application {
        class = <org.company.ApplicationClass>
    }

    property = main_value
    config {
        property = main_value
        old_property = main_value
    }
}

main {
    config {
        property = main_value
    }
}
`,
		"application-additional.conf": `
ktor {
    deployment {
        port = 8085
    }

    application {
        class = <org.company.ApplicationClass>
    }

    property = additional_value
    config {
        property = additional_value
        new_property = additional_value
    }
}

additional {
    config {
        property = additional_value
    }
}
`,
	})}, environ)
	require.NoError(t, err)
	return p
}

// TestKtorCommandLineTest is Ktor's test of that name.
func TestKtorCommandLineTest(t *testing.T) {
	const port = "ktor.deployment.port"
	for name, test := range map[string]struct {
		args []string
		path string
		want string
	}{
		"testEmpty":                          {nil, port, "8081"}, // of application.yaml
		"testChangePort":                     {[]string{"-port=13698"}, port, "13698"},
		"testAmendConfig":                    {[]string{"-P:ktor.deployment.port=13698"}, port, "13698"},
		"testChangeHost":                     {[]string{"-host=test-server"}, "ktor.deployment.host", "test-server"},
		"testSingleArgument":                 {[]string{"-it-should-be-no-effect"}, port, "8081"},
		"configFileWithEnvironmentVariables": {[]string{"-config=applicationWithEnv.conf"}, port, "8080"},
		"hoconConfigResource":                {[]string{"-config=applicationWithEnv.conf"}, "ktor.application.class", "<org.company.ApplicationClass>"},
		"configYamlFile":                     {[]string{"-config=application.yaml"}, port, "8081"},
		"yamlConfigResource":                 {[]string{"-config=application.yaml"}, "ktor.test", "test_value"},
	} {
		t.Run(name, func(t *testing.T) { requireText(t, of(t, nil, test.args...), test.path, test.want) })
	}
	t.Run("testListPropertiesHocon", func(t *testing.T) {
		p := of(t, nil, "-P:array.first.0=first", "-P:array.first.1=second", "-P:array.first.2=third", "-P:array.second.0=1", "-P:array.second.1=2", "-P:array.third.0=zero")
		require.Equal(t, []string{"first", "second", "third"}, as[[]string](t, p, "array.first"))
		require.Equal(t, []int{1, 2}, as[[]int](t, p, "array.second"))
		require.Equal(t, []string{"zero"}, as[[]string](t, p, "array.third"))
	})
	t.Run("testConfigListPropertiesHocon", func(t *testing.T) {
		p := of(t, nil, "-P:users.0.name=test0", "-P:users.0.password=asd", "-P:users.1.name=test1", "-P:users.1.password=qwe",
			"-P:users.2.name=test2", "-P:users.2.password=zxc", "-P:users.2.groups.0=group0", "-P:users.2.groups.1=group1",
			"-P:users.2.tasks.0.id=id0", "-P:users.2.tasks.1.id=id1")
		users := p.List("users")
		require.Len(t, users, 3)
		requireText(t, users[0], "name", "test0")
		requireText(t, users[1], "password", "qwe")
		require.Equal(t, []string{"group0", "group1"}, as[[]string](t, users[2], "groups"))
		tasks := users[2].List("tasks")
		require.Len(t, tasks, 2)
		requireText(t, tasks[0], "id", "id0")
		requireText(t, tasks[1], "id", "id1")
	})
	t.Run("testAdditionalConfigFile", func(t *testing.T) {
		p := of(t, nil, "-config=application-main.conf", "-config=application-additional.conf")
		for path, want := range map[string]string{
			"ktor.application.class": "<org.company.ApplicationClass>", port: "8085", "ktor.property": "additional_value",
			"ktor.config.property": "additional_value", "ktor.config.old_property": "main_value", "ktor.config.new_property": "additional_value",
			"additional.config.property": "additional_value", "main.config.property": "main_value",
		} {
			requireText(t, p, path, want)
		}
		requireText(t, p.At("additional"), "config.property", "additional_value")
		requireText(t, p.At("main.config"), "property", "main_value")
	})
}

// TestKtorCommandLineConfigTest is Ktor's test of that name.
func TestKtorCommandLineConfigTest(t *testing.T) {
	t.Run("testPropertyConfig", func(t *testing.T) {
		requireText(t, of(t, []string{"ktor.deployment.port=1333", "other=1"}), "ktor.deployment.port", "1333")
	})
	t.Run("testPropertyConfigOverride", func(t *testing.T) {
		requireText(t, of(t, []string{"ktor.deployment.port=1333"}, "-P:ktor.deployment.port=13698"), "ktor.deployment.port", "13698")
	})
}
