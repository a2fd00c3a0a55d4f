module example.com/chairs

go 1.23

require git.shop.test/price v1.4.0
