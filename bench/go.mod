module github.com/chitor-go/chitor/bench

go 1.26

require (
	github.com/chitor-go/chitor v0.0.0
	github.com/gin-contrib/sse v1.1.2
	github.com/go-chi/chi/v5 v5.5.0
	github.com/launchdarkly/eventsource v1.11.0
	github.com/r3labs/sse/v2 v2.10.0
	github.com/stretchr/testify v1.12.1
	github.com/tmaxmax/go-sse v0.12.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/net v0.57.0 // indirect
	gopkg.in/cenkalti/backoff.v1 v1.1.0 // indirect
)

replace github.com/chitor-go/chitor => ../
