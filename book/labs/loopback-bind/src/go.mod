module emptyroom/loopback-bind

go 1.23
