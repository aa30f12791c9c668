// Package slapdtest runs OpenLDAP's slapd for tests.
//
//	server := slapdtest.Start(t, "dc=example,dc=org", people)
//	directory, err := ldap.New(func(c *ldap.Config) { c.URL = server.URL() })
//
// It knows the process and no client of LDAP, so that the module which has one
// and the example share it.
package slapdtest
