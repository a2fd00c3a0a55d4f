#!/bin/sh
# When each build began and ended, in ms, one build a line; and for how long both were at work.
cat /times/one /times/two | awk '
    NR == 1 { from = $1; to = $2 }
    NR == 2 { both = ($2 < to ? $2 : to) - ($1 > from ? $1 : from); print "overlap=" (both > 0 ? both : 0) " ms" }'
