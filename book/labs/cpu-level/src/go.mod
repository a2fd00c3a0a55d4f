module emptyroom/cpu-level

go 1.23
