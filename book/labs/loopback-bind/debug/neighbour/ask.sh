# In the network of the program. First from inside, then what another container hears.
echo '$ netstat -tln'
netstat -tln
echo
echo '$ wget -q -O - http://127.0.0.1:8080/'
wget -q -O - http://127.0.0.1:8080/
echo
echo 'the customer, in a container of its own, calls:'
wget -q -O - http://customer.test:9090/
