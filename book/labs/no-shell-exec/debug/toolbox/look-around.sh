# Runs beside the program: among its processes, in its network, with files of
# our own. The program's files are one link away.
show() {
	echo "$ $1"
	sh -c "$1"
	echo
}
show 'ps -o pid,user,args'
show 'netstat -tln'
show 'wget -q -O - http://127.0.0.1:8080/'
show 'ls -l /proc/1/root/'
show "tr '\0' '\n' < /proc/1/environ"
show 'grep -E "^(State|Threads|VmRSS|CapEff)" /proc/1/status'
