package hocon_test

import (
	"fmt"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/hocon"
)

func Example() {
	text := `
ktor {
    deployment {
        port = 8080
        port = ${?PORT}
    }
}
greeting = "listening on "${ktor.deployment.port}
`
	lookup := func(name string) (string, bool) { return "9090", name == "PORT" }
	tree, err := hocon.Parse("application.conf", []byte(text), hocon.Options{Lookup: lookup})
	if err != nil {
		fmt.Println(err)
		return
	}
	properties := app.NewProperties(tree)
	fmt.Println(properties.Text("ktor.deployment.port"))
	fmt.Println(properties.Text("greeting"))

	_, err = hocon.Parse("application.conf", []byte("port = }"), hocon.Options{})
	fmt.Println(err)
	// Output:
	// 9090 true
	// listening on 9090 true
	// application.conf:1:8: expected a value, found }
}
