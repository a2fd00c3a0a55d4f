module emptyroom/capability-lost

go 1.23
