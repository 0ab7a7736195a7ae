#!/bin/sh
# Takes one ticket through the whole loop with curl, by the request bodies beside
# this file, and prints the figure that follows from it.
#
#   URL            where the service is, e.g. http://127.0.0.1:8080
#   ENTERPRISE DESK OFFICER HEAD FIRE_OFFICER LEADER
#                  API tokens, from POST /api/v1/tokens or a sign-in: of an
#                  enterprise, the desk, an officer and the head of the department
#                  with the code labour, an officer of fire, a leader
set -eu
cd "$(dirname "$0")"
run=$(date +%s)-$$

# call TOKEN METHOD PATH [CURL'S FURTHER ARGUMENTS]: prints the answer. A refusal
# prints the problem and ends the script.
call() {
	token=$1 method=$2 path=$3
	shift 3
	curl --silent --show-error --fail-with-body --request "$method" "$URL/api/v1$path" \
		--header "Authorization: Bearer $token" "$@"
}

# send TOKEN PATH BODY: posts the body of that name, in which $fire stands for the
# department's id. Sent again under the same key, e.g. because the line broke, it
# has one effect.
send() {
	sed "s/\$labour/$labour/; s/\$fire/$fire/; s/\$water/$water/; s/\$task/${task-}/" "$3.json" |
		call "$1" POST "$2" --header 'Content-Type: application/json' --header "Idempotency-Key: $run-$3" --data @-
}

# first FIELD: the first value of a field of text in the answer on standard input.
first() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# Departments, one by its code.
department() { call "$DESK" GET /departments | grep -o '{[^{}]*"code":"'"$1"'"[^{}]*}' | first id; }
labour=$(department labour) fire=$(department fire) water=$(department water)

# The enterprise files, the desk accepts and sends it to who answers for it.
ticket=/tickets/$(send "$ENTERPRISE" /tickets submit | first id)
call "$DESK" POST "$ticket/accept" >/dev/null
send "$DESK" "$ticket/dispatch" dispatch >/dev/null

# The department claims it, blows the whistle, and those called report in.
call "$OFFICER" POST "$ticket/claim" >/dev/null
send "$OFFICER" "$ticket/whistle" whistle >/dev/null
send "$FIRE_OFFICER" "$ticket/report-in" report-in >/dev/null
send "$HEAD" "$ticket/conclude" conclude >/dev/null

# The task that came of it is done, the result goes to the enterprise, which says
# whether it was solved.
task=$(call "$FIRE_OFFICER" GET "$ticket" | grep -o '"tasks":\[{[^}]*}' | first id)
send "$FIRE_OFFICER" "$ticket/finish-task" finish-task >/dev/null
send "$HEAD" "$ticket/resolve" resolve >/dev/null
send "$ENTERPRISE" "$ticket/confirm" confirm | first state

# What happened, line by line, and the rate that it counts for.
call "$LEADER" GET "$ticket/history" | grep -o '"event":"[^"]*"' | cut -d '"' -f 4
call "$LEADER" GET /figures | grep -o '"resolution_rate":{[^}]*}' | head -n 1
