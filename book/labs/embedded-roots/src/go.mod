module emptyroom/embedded-roots

go 1.23
