module emptyroom/forge

go 1.23
