module example.com/shop

// What the source needs.
go 1.23

// What its makers build with. Nobody is refused for having less.
toolchain go1.26.0
