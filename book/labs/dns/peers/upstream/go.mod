module emptyroom/dns/upstream

go 1.23
