module emptyroom/timezone-file

go 1.21
