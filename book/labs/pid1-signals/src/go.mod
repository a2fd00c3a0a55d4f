module emptyroom/pid1-signals

go 1.23
