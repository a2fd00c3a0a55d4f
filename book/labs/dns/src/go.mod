module emptyroom/dns

go 1.23
