module emptyroom/exec-format

go 1.23
