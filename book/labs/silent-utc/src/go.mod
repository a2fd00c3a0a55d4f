module emptyroom/silent-utc

go 1.23
