module emptyroom/volume-owner

go 1.23
