module emptyroom/zig-cc

go 1.23
