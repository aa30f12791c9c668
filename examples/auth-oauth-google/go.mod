module github.com/chitor-go/chitor/examples/auth-oauth-google

go 1.26.0

require (
	github.com/chitor-go/chitor v0.0.0
	github.com/chitor-go/chitor/plugins/authentication/oidc v0.0.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/oauth2 v0.38.0
)

require (
	github.com/go-chi/chi/v5 v5.5.0 // indirect
	github.com/go-jose/go-jose/v4 v4.1.9 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	go.yaml.in/yaml/v4 v4.0.0 // indirect
	golang.org/x/crypto v0.59.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.44.0 // indirect
	software.sslmate.com/src/go-pkcs12 v0.7.4 // indirect
)

replace (
	github.com/chitor-go/chitor => ../../
	github.com/chitor-go/chitor/plugins/authentication/oidc => ../../plugins/authentication/oidc
)
