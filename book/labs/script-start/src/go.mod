module emptyroom/script-start

go 1.23
