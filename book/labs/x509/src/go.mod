module emptyroom/x509

go 1.23
