module emptyroom/thread-refused

go 1.23
