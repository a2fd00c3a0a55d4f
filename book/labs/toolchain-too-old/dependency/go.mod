module emptyroom/shop

go 1.23

require shop.test/price v1.4.0

// Lies beside it here, so that no registry of modules is asked.
replace shop.test/price => ./price
