module emptyroom/hello

go 1.27
