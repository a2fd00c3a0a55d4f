module emptyroom/tzdata

go 1.23
