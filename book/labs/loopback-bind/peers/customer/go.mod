module emptyroom/loopback-bind/customer

go 1.23
