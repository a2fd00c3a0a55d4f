module emptyroom/shop

go 1.26
