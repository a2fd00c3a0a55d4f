module shop.test/price

go 1.26
