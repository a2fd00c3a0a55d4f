package main

// Without C there is no sum. This file is for those who build without it.
