module example.com/tiny

go 1.18

require example.com/dep v1.2.3

replace example.com/dep v1.2.3 => ./dep
