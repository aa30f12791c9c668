package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

// user and security are Ktor's SecurityUser and SecurityConfig.
type user struct {
	Name     string `property:",required"`
	Password string `property:",required"`
}

type security struct {
	HashAlgorithm string `property:",required"`
	Salt          string `property:",required"`
	Users         []user `property:",required"`
}

const authYAML = `
auth:
    hashAlgorithm: SHA-256
    salt: ktor
    nullable: null
    users:
        - name: test
    values: 
        - a
        - b
    listValues: ['a', 'b', 'c']
    data:
        value1: 1
        value2: 2
`

// TestKtorYamlConfigTest is Ktor's test of that name.
func TestKtorYamlConfigTest(t *testing.T) {
	t.Run("testYamlApplicationConfig", func(t *testing.T) {
		p := parsed(t, "application.yaml", authYAML)
		auth := p.At("auth")
		requireText(t, auth, "salt", "ktor")
		users := auth.List("users")
		require.Len(t, users, 1)
		requireText(t, users[0], "name", "test")
		require.Equal(t, []string{"a", "b", "c"}, as[[]string](t, auth, "listValues"))
		require.Equal(t, []string{"a", "b"}, as[[]string](t, auth, "values"))
		requireText(t, auth, "missingProperty", "")
		requireText(t, auth, "hashAlgorithm", "SHA-256")
		requireText(t, p, "missingProperty", "")
		requireText(t, p, "auth.missingProperty", "")
		requireText(t, p, "auth.hashAlgorithm", "SHA-256")
		require.Equal(t, []string{"a", "b", "c"}, as[[]string](t, p, "auth.listValues"))
		requireText(t, p, "auth.nullable", "")
	})
	t.Run("testKeysTopLevelYamlConfig", func(t *testing.T) {
		require.Equal(t, []string{
			"auth.data.value1", "auth.data.value2", "auth.hashAlgorithm", "auth.listValues", "auth.salt", "auth.users", "auth.values",
		}, parsed(t, "application.yaml", authYAML).Keys())
	})
	t.Run("testKeysNestedYamlConfig", func(t *testing.T) {
		nested := parsed(t, "application.yaml", `
auth:
    nested:
        data: 
            value1: 1
            value2: 2
        list:
            - a
            - b
    data1: 
        value1: 1
`).At("auth.nested")
		require.Equal(t, []string{"data.value1", "data.value2", "list"}, nested.Keys())
		requireText(t, nested, "data.value1", "1")
		requireText(t, nested, "data.value2", "2")
		require.Equal(t, []string{"a", "b"}, as[[]string](t, nested, "list"))
	})
	t.Run("testToMap", func(t *testing.T) {
		require.Equal(t, map[string]any{
			"hashAlgorithm": "SHA-256",
			"users":         []any{map[string]any{"name": "test", "password": "asd"}, map[string]any{"name": "other", "password": "qwe"}},
			"values":        []any{"a", "b"}, "data": map[string]any{"value1": int64(1), "value2": int64(2)},
		}, parsed(t, "application.yaml", `
hashAlgorithm: SHA-256
users:
    - name: test
      password: asd
    - name: other
      password: qwe
values: 
    - a
    - b
data:
    value1: 1
    value2: 2
`).Map())
	})
	t.Run("readNumber", func(t *testing.T) {
		require.Equal(t, 1234, as[int](t, parsed(t, "application.yaml", "number: 1234"), "number"))
	})
	t.Run("readSerializableClass", func(t *testing.T) {
		require.Equal(t, security{"SHA-256", "ktor", []user{{"test", "asd"}, {"other", "qwe"}}}, as[security](t, parsed(t, "application.yaml", `
auth:
    hashAlgorithm: SHA-256
    salt: ktor
    users:
        - name: test
          password: asd
        - name: other
          password: qwe
`), "auth"))
	})
}

// TestKtorYamlConfigTest_substitution has those of YamlConfigTest and
// YamlConfigTestJvm that substitute.
func TestKtorYamlConfigTest_substitution(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		path string
		want string // the value; "" is nothing
		err  string
	}{
		"testEnvironmentVariable": {text: "ktor:\n    variable: $PATH", path: "ktor.variable", want: "/bin"},
		"testEnvVarCurlyBraces":   {text: "ktor:\n    variable: ${PATH}", path: "ktor.variable", want: "/bin"},
		"testMissingEnvironmentVariable": {
			text: "ktor:\n    variable: $NON_EXISTING_VARIABLE",
			err:  "application.yaml:2:15: ktor.variable: there is neither a key nor an environment variable for $NON_EXISTING_VARIABLE: give it a default, as in ${NAME:default}, or let it be missing, as in ${?NAME}",
		},
		"testMissingEnvVarCurlyBraces":               {text: "ktor:\n    variable: ${NON_EXISTING}", err: "application.yaml:2:15: ktor.variable: there is neither a key nor an environment variable for ${NON_EXISTING}: "},
		"testSelfReference":                          {text: "value:\n  my: \"My value\"\n\nconfig:\n  database:\n    value: $value.my", path: "config.database.value", want: "My value"},
		"testSelfRefCurlyBraces":                     {text: "value:\n  my: \"My value\"\n\nconfig:\n  database:\n    value: ${value.my}", path: "config.database.value", want: "My value"},
		"testSelfReferenceMissing":                   {text: "value:\n  my: \"My value\"\n\nconfig:\n  database:\n    value: $value.missing", err: "application.yaml:6:12: config.database.value: "},
		"testSelfRefMissingCurlyBraces":              {text: "value:\n  my: \"My value\"\n\nconfig:\n  database:\n    value: ${value.missing}", err: "for ${value.missing}: give"},
		"testMissingEnvironmentVariableWithDefault":  {text: "ktor:\n    variable: \"$NON_EXISTING_VARIABLE:DEFAULT_VALUE\"", path: "ktor.variable", want: "DEFAULT_VALUE"},
		"testMissingEnvVarWithDefaultCurlyBraces":    {text: "ktor:\n    variable: \"${NON_EXISTING:DEFAULT}\"", path: "ktor.variable", want: "DEFAULT"},
		"testOptionalMissingEnvironmentVariable":     {text: "ktor:\n    variable: \"$?NON_EXISTING_VARIABLE\"", path: "ktor.variable"},
		"testOptionalMissingEnvVarCurlyBraces":       {text: "ktor:\n    variable: \"${?NON_EXISTING_VARIABLE}\"", path: "ktor.variable"},
		"testOptionalExistingEnvironmentVariable":    {text: "ktor:\n    variable: \"$?PATH\"", path: "ktor.variable", want: "/bin"},
		"testOptionalExistingEnvVarCurlyBraces":      {text: "ktor:\n    variable: \"${?PATH}\"", path: "ktor.variable", want: "/bin"},
		"testExistingEnvironmentVariableWithDefault": {text: "ktor:\n    variable: \"$PATH:DEFAULT_VALUE\"", path: "ktor.variable", want: "/bin"},
		"testExistingEnvVarWithDefaultCurlyBraces":   {text: "ktor:\n    variable: \"${PATH:DEFAULT_VALUE}\"", path: "ktor.variable", want: "/bin"},
		"testMalformedVarCurlyBraces": {
			text: "ktor:\n    variable: \"${some_name\"",
			err:  "application.yaml:2:15: ktor.variable: the text begins with ${ and does not end with }: a substitution is a whole value, and nothing stands around it",
		},
		"testNestedSelfReference":     {text: "a: $b\nb: $c\nc: foo", path: "a", want: "foo"},
		"testDeepNestedSelfReference": {text: "a: $b\nb: $c\nc: $d\nd: foo", path: "a", want: "foo"},
		"testSelfReferenceCycle": {
			text: "a: $b\nb: $a",
			err:  "application.yaml:1:4: a: the substitution $b leads back to itself\napplication.yaml:2:4: b: the substitution $b leads back to itself",
		},
		"testSystemPropertyConfig": {text: "ktor:\n    property: \"$test.property\"", path: "ktor.property", want: "systemValue"},
		"testEnvVarWithValueStartingWithDollar": {
			text: "password1: $TEST_DB_PASSWORD\npassword2: $TEST_DB_PASSWORD\npassword3: $password1", path: "password3", want: "$123Password",
		},
		"a default is not looked at again":        {text: "a: ${X:$PATH}", path: "a", want: "$PATH"},
		"a default may have colons":               {text: "a: $URL:http://localhost:80/", path: "a", want: "http://localhost:80/"},
		"an empty default":                        {text: "a: '${X:}'\nb: ${a}x", err: "b: the text begins with ${"},
		"a text with $ in the default of no name": {text: "a: '$:$5'", path: "a", want: "$5"},
		"not within a text":                       {text: "a: cost $PATH", path: "a", want: "cost $PATH"},
		"an optional one looks at no key":         {text: "a: ${?b}\nb: 1", path: "a"},
		"one with a default looks at no key":      {text: "a: ${b:2}\nb: 1", path: "a", want: "2"},
		"a list":                                  {text: "a: [x, $PATH]", path: "a.1", want: "/bin"},
		"a branch is no value":                    {text: "a: $b\nb: {c: 1}", err: "application.yaml:1:4: a: there is neither"},
		"a number":                                {text: "a: $b\nb: 0.50", path: "a", want: "0.50"},
		"nothing but $":                           {text: "a: $", err: "application.yaml:1:4: a: there is neither a key nor an environment variable for the text that begins with $: give"},
		"a password is not shown":                 {text: "a: $2a$10$abc", err: "a: there is neither a key nor an environment variable for the text that begins with $: give"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := try("application.yaml", test.text)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			requireText(t, p, test.path, test.want)
		})
	}
}

// TestKtorYamlConfigTestJvm is Ktor's test of that name.
func TestKtorYamlConfigTestJvm(t *testing.T) {
	loader := config.Loader{Environment: environment(), Resources: files(map[string]string{
		"application.yaml":        "ktor:\n    deployment:\n        port: 1234\n    auth:\n        users:\n            - a\n            - b\n",
		"application-custom.yaml": "ktor:\n    deployment:\n        port: 2345\n    auth:\n        users: [c, d]\n",
		"application-custom.yml":  "ktor:\n    deployment:\n        port: 3456\n    auth:\n        users: [e, f]\n",
		"application-no-env.yaml": "ktor:\n    deployment:\n        port: $NOT_FOUND_VARIABLE\n",
	})}
	for name, test := range map[string]struct {
		paths []string
		port  string
		users []string
	}{
		"testLoadDefaultConfig":              {nil, "1234", []string{"a", "b"}},
		"testLoadCustomConfigWithYamlSuffix": {[]string{"application-custom.yaml"}, "2345", []string{"c", "d"}},
		"testLoadCustomConfigWithYmlSuffix":  {[]string{"application-custom.yml"}, "3456", []string{"e", "f"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := loader.Load(test.paths...)
			require.NoError(t, err)
			requireText(t, p, "ktor.deployment.port", test.port)
			require.Equal(t, test.users, as[[]string](t, p, "ktor.auth.users"))
		})
	}
	t.Run("testLoadWrongConfig", func(t *testing.T) {
		_, err := loader.Load("application-no-env.yaml")
		require.ErrorContains(t, err, "load configuration: application-no-env.yaml:3:15: ktor.deployment.port: ")
	})
}

// TestKtorYamlConfigTest_mergedConversion: two files, and properties of code
// over them.
func TestKtorYamlConfigTest_mergedConversion(t *testing.T) {
	type deployment struct {
		Host string
		Port int
	}
	type database struct {
		Driver, URL, User, Password, Schema string
		MaxPoolSize                         int
	}
	type application struct {
		Deployment deployment
		Auth       security
		Database   database
	}
	p := parsed(t, "auth.yaml", `
app:
    auth:
        hashAlgorithm: SHA-256
        salt: ktor
        users:
            - name: test
              password: asd
`).With(parsed(t, "db.yaml", `
app:
    database:
        driver: org.postgresql.Driver
        url: jdbc:postgresql://localhost:5432/ktor
        user: ktor
        password: ktor
        schema: public
        maxPoolSize: 3
        transactionIsolation: TRANSACTION_REPEATABLE_READ
        useServerPrepStmts: true
        cachePrepStmts: true
`))
	for path, value := range map[string]string{
		"app.auth.salt": "SALT&PEPPA", "app.deployment.port": "8080", "app.deployment.host": "localhost", "app.database.maxPoolSize": "2",
		"app.database.cachePrepStmts": "true", "app.database.prepStmtCacheSize": "250",
	} {
		p = p.With(app.PropertiesAt(path, value))
	}
	want := application{
		deployment{"localhost", 8080}, security{"SHA-256", "SALT&PEPPA", []user{{"test", "asd"}}},
		database{"org.postgresql.Driver", "jdbc:postgresql://localhost:5432/ktor", "ktor", "ktor", "public", 2},
	}
	require.Equal(t, want.Auth, as[security](t, p, "app.auth"))
	require.Equal(t, want.Deployment, as[deployment](t, p, "app.deployment"))
	require.Equal(t, want.Database, as[database](t, p, "app.database"))
	require.Equal(t, want, as[application](t, p, "app"))
}
