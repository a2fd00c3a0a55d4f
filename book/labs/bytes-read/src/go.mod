module emptyroom/bytes-read

go 1.21
