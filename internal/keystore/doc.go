// Package keystore reads key stores in the format PKCS#12 (RFC 7292), which
// keytool and OpenSSL write.
//
//	store, err := keystore.Open(data, "the store's password")
//	if err != nil {
//		return err
//	}
//	certificate, err := store.Certificate("mykey", "the key's password")
//
// software.sslmate.com/src/go-pkcs12 does the cryptography. It knows stores with
// one key and one password, so that what is asked of a store is put in one of
// that kind first: see rewrap.
package keystore
