module emptyroom/user-lookup

go 1.23
