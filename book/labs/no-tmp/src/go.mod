module emptyroom/no-tmp

go 1.23
