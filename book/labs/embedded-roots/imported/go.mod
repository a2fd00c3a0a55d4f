module emptyroom/embedded-roots

go 1.23.0

require golang.org/x/crypto/x509roots/fallback v0.0.0-20250406160420-959f8f3db0fb
