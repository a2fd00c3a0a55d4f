module emptyroom/hello

go 1.23
