#!/bin/sh
echo "script: process $$"
/app
echo "script: the shop has closed with $?"
