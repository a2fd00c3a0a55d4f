module emptyroom/privileged-port

go 1.23
