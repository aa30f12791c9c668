// Package jwt measures what a call with a JSON Web Token costs: with Chitor's
// scheme, with go-chi/jwtauth as middlewares, and with golang-jwt's parser in a
// middleware. All run in the same application, take the same token from the same
// header, check signature, exp, iss and aud, and give the handler the same claims.
package jwt
