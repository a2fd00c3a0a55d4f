module emptyroom/floor

go 1.23
