package config_test

import (
	"fmt"
	"testing/fstest"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

// Pool is a part of a program's configuration.
type Pool struct {
	Size int           `property:",required"`
	Idle time.Duration // 1 min unless the configuration says otherwise
}

func Example() {
	resources := fstest.MapFS{"application.yaml": {Data: []byte(`
database:
  url: ${DATABASE_URL:memory:}
  pool:
    size: 4
    idle: 90s
`)}}
	arguments, err := config.ParseArguments([]string{"-P:database.pool.size=8", "-port=8080"})
	if err != nil {
		fmt.Println(err)
		return
	}
	properties, err := arguments.Load(config.Loader{Resources: resources, Environment: variables(nil)}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	pool := Pool{Idle: time.Minute}
	if err := properties.DecodeStrict("database.pool", &pool); err != nil {
		fmt.Println(err)
		return
	}
	url, err := app.Property[string](properties, "database.url")
	fmt.Println(url, err, pool.Size, pool.Idle)
	fmt.Println(properties.Site("database.pool.idle"), properties.Site("database.pool.size"))
	// Output:
	// memory: <nil> 8 1m30s
	// application.yaml:6:11 -P
}
