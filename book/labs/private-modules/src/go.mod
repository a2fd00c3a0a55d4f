module emptyroom/shop

go 1.23

require git.shop.test/price v1.4.0
