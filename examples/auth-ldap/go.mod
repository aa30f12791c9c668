module github.com/chitor-go/chitor/examples/auth-ldap

go 1.26.0

require (
	github.com/chitor-go/chitor v0.0.0
	github.com/chitor-go/chitor/plugins/authentication/ldap v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/Azure/go-ntlmssp v0.1.1 // indirect
	github.com/go-asn1-ber/asn1-ber v1.5.8 // indirect
	github.com/go-chi/chi/v5 v5.5.0 // indirect
	github.com/go-ldap/ldap/v3 v3.4.15 // indirect
	github.com/google/uuid v1.6.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	go.yaml.in/yaml/v4 v4.0.0 // indirect
	golang.org/x/crypto v0.59.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.44.0 // indirect
	software.sslmate.com/src/go-pkcs12 v0.7.4 // indirect
)

replace (
	github.com/chitor-go/chitor => ../../
	github.com/chitor-go/chitor/plugins/authentication/ldap => ../../plugins/authentication/ldap
)
