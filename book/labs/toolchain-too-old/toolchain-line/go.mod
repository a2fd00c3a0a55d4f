module emptyroom/shop

// What the source needs.
go 1.23.0

// What its makers build with. Nobody is refused for having less.
toolchain go1.26.0
