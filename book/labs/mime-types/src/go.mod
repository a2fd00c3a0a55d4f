module emptyroom/mime-types

go 1.23
