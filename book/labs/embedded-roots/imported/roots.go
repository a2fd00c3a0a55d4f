package main

import _ "golang.org/x/crypto/x509roots/fallback" // used where the machine has none
