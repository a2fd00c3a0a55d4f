module emptyroom/shop

go 1.23

require shop.example/price v1.4.0
