package main

import _ "time/tzdata" // the whole database, read where the machine has none
