module emptyroom/user-by-name

go 1.23
