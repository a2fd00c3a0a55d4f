#!/bin/sh
# What has to be done before the program starts is done here.
echo "script: process $$"
# exec: the program takes over this process, number and all.
exec /app "$@"
