# In the network of the program: where it listens, and what another container hears.
netstat -tln
echo 'the customer, in a container of its own, calls:'
wget -q -O - http://customer.test:9090/
