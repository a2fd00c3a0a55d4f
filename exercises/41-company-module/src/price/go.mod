module git.shop.test/price

go 1.23
