module emptyroom/office

go 1.23
