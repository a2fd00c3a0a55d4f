module emptyroom/clean-build

go 1.23
