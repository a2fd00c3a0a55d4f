module emptyroom/unknown-time-zone

go 1.23
