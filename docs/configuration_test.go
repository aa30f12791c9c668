package docs_test

import (
	"embed"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/config"
	"github.com/chitor-go/chitor/plugins/cors"
)

// Database is what the program has to know about its database.
type Database struct {
	URL  string `property:",required"`
	User string
	Pool struct {
		MaxSize int
		Idle    time.Duration
	}
	Replicas []string
}

const shopYAML = `
server:
  port: ${PORT:8080}
database:
  url: ${DATABASE_URL}
  user: $?DATABASE_USER
  pool:
    maxSize: 10
    idle: 90s
cors:
  allowCredentials: true
users:
  - name: eve
    groups: [admin]
  - name: bob
`

func shopProperties(t *testing.T) app.Properties {
	t.Helper()
	environment := map[string]string{"DATABASE_URL": "db://here"}
	properties, err := config.Loader{
		Resources:   fstest.MapFS{"application.yaml": {Data: []byte(shopYAML)}},
		Environment: func(name string) (string, bool) { value, ok := environment[name]; return value, ok },
	}.Load()
	require.NoError(t, err)
	return properties
}

func load(resources embed.FS, args, environ []string) (app.Properties, error) {
	arguments, err := config.ParseArguments(args)
	if err != nil {
		return app.Properties{}, err
	}
	return arguments.Load(config.Loader{Resources: resources}, environ)
}

func TestLoadingOfTheConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	properties, err := load(embedded, []string{"-port=80"}, []string{"ktor.deployment.host=localhost"})
	require.NoError(t, err)
	assert.Equal(t, []string{"ktor.deployment.host", "ktor.deployment.port"}, properties.Keys())
}

func TestAccessToTheConfiguration(t *testing.T) {
	properties := shopProperties(t)

	port, err := app.Property[uint16](properties, "server.port") // an error if it is missing
	require.NoError(t, err)
	text, ok := properties.Text("database.user") // false if it is missing
	pool := properties.At("database.pool")       // a part of the tree
	var names []string
	for _, user := range properties.List("users") {
		name, _ := user.Text("name")
		names = append(names, name)
	}
	assert.Equal(t, uint16(8080), port)
	assert.False(t, ok, text)
	assert.Equal(t, []string{"idle", "maxSize"}, pool.Keys())
	assert.Equal(t, []string{"eve", "bob"}, names)
}

func TestDecodingOfTheConfiguration(t *testing.T) {
	properties := shopProperties(t)

	database := Database{User: "sa"} // what the properties do not say stays
	err := properties.DecodeStrict("database", &database)

	require.NoError(t, err)
	want := Database{URL: "db://here", User: "sa"}
	want.Pool.MaxSize, want.Pool.Idle = 10, 90*time.Second
	assert.Equal(t, want, database)

	over := app.PropertiesAt("database", map[string]any{"maxPoolSize": 5, "pool": map[string]any{"idle": "soon"}})
	assert.EqualError(t, properties.With(over).DecodeStrict("database", &database), `database.pool.idle: "soon" is no duration
database.maxPoolSize: it is unknown (known: pool, replicas, url, user)`)
}

func configured(a *app.Application) {
	a.Install(cors.Plugin.FromProperties("cors").With(func(c *cors.Config) { c.AllowHost("example.com") }))
}

func TestConfigurationOfAPlugin(t *testing.T) {
	host := apptest.Start(t, configured, apptest.Configure(func(c *app.Config) { c.Properties = shopProperties(t) }))
	config, ok := cors.Plugin.In(host.Application())
	require.True(t, ok)
	assert.True(t, config.AllowCredentials)
	apptest.Start(t, configured, apptest.Properties(map[string]any{"cors.allowCredentials": false}))
}
