module emptyroom/pie-dynamic

go 1.23
