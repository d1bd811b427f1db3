#!/bin/sh
# An agent in the shell: takes tasks over HTTP and runs a command for each.
set -u

usage() {
  cat <<'USAGE'
Usage: agent.sh [OPTIONS] KIND COMMAND [ARGUMENT...]

Takes tasks of a kind from a Reeve coordinator, one at a time, and runs the command for each:
the task's input on its standard input, the output from its standard output (as JSON if it is
JSON, else as text/plain). Exit code 0 is success. Any other is a failure, whose message is the
end of standard error; 65 (bad input) is not tried again, others are as the task's policy says.
The command finds REEVE_TASK_ID, REEVE_TASK_KIND and REEVE_ATTEMPT in its environment. When the
task is cancelled or its lease is lost, the command gets SIGTERM.

Options:
  --url URL        the coordinator's HTTP address; default $REEVE_HTTP_URL, else http://127.0.0.1:9002
  --agent-id ID    who this is; default made of host name and process id
  --tag TAG        a tag that tasks may require; repeatable
  --once           end after one task
  -h, --help       this text

Ends on SIGINT or SIGTERM: a command that runs gets SIGTERM, and its task goes back to be tried
again; what was on its way goes back at once. An agent whose id was made up is then deregistered.

Needs curl, jq and base64.
USAGE
}

say() { printf '%s\n' "agent.sh: $*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

url=${REEVE_HTTP_URL:-http://127.0.0.1:9002}
agent_id=
tags=
once=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --once) once=yes; shift ;;
    --url | --agent-id | --tag)
      [ $# -ge 2 ] || die "$1 needs a value" 2
      case $1 in
        --url) url=${2%/} ;;
        --agent-id) agent_id=$2 ;;
        --tag) tags="$tags $2" ;;
      esac
      shift 2 ;;
    --) shift; break ;;
    -*) die "there is no option $1; --help lists them" 2 ;;
    *) break ;;
  esac
done
[ $# -ge 2 ] || { usage >&2; exit 2; }
kind=$1
shift
for tool in curl jq base64; do
  command -v "$tool" >/dev/null || die "this needs $tool, which is not installed" 2
done
command -v "$1" >/dev/null || die "there is no command $1" 2

made_up=
[ -n "$agent_id" ] || { made_up=yes; agent_id="sh-$(uname -n)-$$"; }
# In a session of its own, a command is stopped along with all that it has started.
own_session=
command -v setsid >/dev/null && own_session=setsid
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

stopping=
signalled=
interruptible= # what a signal ends: the call that waits for work, or the command
on_signal() {
  stopping=yes
  signalled=yes
  : >"$folder/stopping"
  [ -z "$interruptible" ] || end "$interruptible"
}
trap on_signal INT TERM

end() { kill -s TERM -- "-$1" 2>/dev/null || kill -s TERM "$1" 2>/dev/null; }

# await PID: its exit code, whatever signals come meanwhile.
await() {
  code=
  while :; do
    signalled=
    wait "$1" 2>/dev/null
    last=$?
    [ "$last" -eq 127 ] && [ -n "$code" ] || code=$last
    [ -n "$signalled" ] || return "$code"
  done
}

uuid() {
  printf '%s\n' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" |
    sed 's/^\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.\{12\}\)$/\1-\2-4\3-8\4-\5/'
}

# start_call METHOD SECONDS: sends $folder/METHOD.json, in the background, where Ctrl-C does not reach it.
start_call() {
  curl --silent --show-error --max-time "$2" --output "$folder/$1.answer" --write-out '%{http_code}\n' \
    --header 'content-type: application/json' --data-binary "@$folder/$1.json" \
    "$url/reeve.v1.AgentService/$1" >"$folder/$1.status" 2>"$folder/$1.error" &
}

# end_call METHOD PID: 0 if $folder/METHOD.answer is the answer, 1 if it may be repeated, 2 if it was
# refused; then $why says why.
end_call() {
  await "$2" || { why=$(cat "$folder/$1.error"); return 1; }
  read -r status <"$folder/$1.status"
  [ "$status" != 200 ] || return 0
  why=$(jq -er '"\(.code): \(.message)"' "$folder/$1.answer" 2>/dev/null) || why="HTTP status $status"
  case $status in 408 | 429 | 5??) return 1 ;; *) return 2 ;; esac
}

# call METHOD: again and again until there is an answer; every call here may be repeated. An agent that is
# to stop gives up after about a minute.
call() {
  pause=1
  while :; do
    start_call "$1" 10
    end_call "$1" $!
    case $? in 0) return 0 ;; 2) say "$1: $why"; return 2 ;; esac
    say "$1: $why"
    [ "$pause" -lt 30 ] || [ -z "$stopping" ] || return 1
    sleep "$pause"
    [ "$pause" -ge 30 ] || pause=$((pause * 2))
  done
}

# Asks for a task, for as long as it takes. A call whose answer was lost is repeated under its name, and gets
# what the first one got. Returns 1 if the agent is to stop.
lease() {
  jq -n --arg agentId "$agent_id" --arg requestId "$(uuid)" '{$agentId, $requestId, maxWait: "20s"}' \
    >"$folder/LeaseTasks.json"
  while [ -z "$stopping" ]; do
    start_call LeaseTasks 25
    interruptible=$!
    [ -z "$stopping" ] || end "$interruptible"
    end_call LeaseTasks "$interruptible"
    result=$?
    interruptible=
    case $result in
      0) return 0 ;;
      2) die "LeaseTasks: $why" ;;
    esac
    [ -n "$stopping" ] || { say "LeaseTasks: $why"; sleep 2; }
  done
  hang_up
  return 1
}

# What the call that nobody waits for any more may have got goes back.
hang_up() {
  jq '.maxWait = "0s"' "$folder/LeaseTasks.json" >"$folder/last" && mv "$folder/last" "$folder/LeaseTasks.json"
  start_call LeaseTasks 10
  end_call LeaseTasks $! || return 0
  give_back
}

give_back() {
  jq --arg agentId "$agent_id" '{$agentId, claims: [.assignments[]?.claim], reason: "the agent stops"}' \
    "$folder/LeaseTasks.answer" >"$folder/ReleaseLeases.json"
  jq -e '.claims == []' "$folder/ReleaseLeases.json" >/dev/null || call ReleaseLeases
}

# Keeps the lease while the command of process id $1 runs, and ends it if it is to stop.
renew() {
  while :; do
    sleep "$interval"
    kill -0 $$ 2>/dev/null || { end "$1"; return; } # The agent was killed.
    [ ! -e "$folder/stopping" ] || end "$1"         # A command that had just begun may have missed it.
    start_call RenewLeases 10
    end_call RenewLeases $! || continue
    verdict=$(jq -r --arg claim "$task $epoch" \
      '.updates[] | select("\(.claim.taskId) \(.claim.epoch)" == $claim) | .verdict' "$folder/RenewLeases.answer")
    case $verdict in '' | LEASE_VERDICT_KEEP) continue ;; esac
    printf '%s' "${verdict#LEASE_VERDICT_}" >"$folder/verdict"
    end "$1"
    return
  done
}

# Does the task in $folder/LeaseTasks.answer by the command in the arguments.
work() {
  jq '.assignments[0]' "$folder/LeaseTasks.answer" >"$folder/assignment"
  jq --arg agentId "$agent_id" '{$agentId, claims: [.claim]}' "$folder/assignment" >"$folder/AcceptLeases.json"
  cp "$folder/AcceptLeases.json" "$folder/RenewLeases.json"
  [ -z "$stopping" ] || { give_back; return; }
  call AcceptLeases || return
  jq -e '.updates[0].verdict == "LEASE_VERDICT_KEEP"' "$folder/AcceptLeases.answer" >/dev/null || return
  task=$(jq -r .claim.taskId "$folder/assignment")
  epoch=$(jq -r .claim.epoch "$folder/assignment")
  attempt=$(jq -r .attempt "$folder/assignment")
  # Whole seconds: not every sleep knows others.
  interval=$(jq -r '.renewInterval | rtrimstr("s") | tonumber | floor | if . < 1 then 1 else . end' \
    "$folder/LeaseTasks.answer")

  if jq -e '.spec.input | has("json")' "$folder/assignment" >/dev/null 2>&1; then
    jq -c .spec.input.json "$folder/assignment" >"$folder/input"
  else
    jq -r '.spec.input.data // ""' "$folder/assignment" | base64 -d >"$folder/input"
  fi
  say "task $task, attempt $attempt"
  : >"$folder/verdict"
  : >"$folder/output"
  : >"$folder/errors"
  [ -z "$stopping" ] || { exit_code=143; report; return; }
  (
    export REEVE_TASK_ID="$task" REEVE_TASK_KIND="$kind" REEVE_ATTEMPT="$attempt"
    exec $own_session "$@"
  ) <"$folder/input" >"$folder/output" 2>"$folder/errors" &
  interruptible=$!
  [ -z "$stopping" ] || end "$interruptible"
  renew "$interruptible" >/dev/null 2>&1 &
  renewer=$!
  await "$interruptible"
  exit_code=$?
  interruptible=
  # A subshell that has just begun may miss any other signal.
  kill -s KILL "$renewer" 2>/dev/null
  wait "$renewer" 2>/dev/null
  cat "$folder/errors" >&2
  report
}

# Says how the command ended; the report is repeated until it is acknowledged.
report() {
  verdict=$(cat "$folder/verdict")
  [ "$verdict" != LOST ] || { say "task $task: the lease was lost"; return; }
  outcome=OUTCOME_FAILED error="ExitCode$exit_code" retryable=true
  [ "$exit_code" -ne 65 ] || retryable=false
  [ -z "$stopping" ] || error=AGENT_STOPPED
  [ "$verdict" != CANCEL ] || { outcome=OUTCOME_CANCELLED error=CANCELLED; }
  [ "$exit_code" -ne 0 ] || outcome=OUTCOME_SUCCEEDED
  say "task $task: $outcome, exit code $exit_code"

  if [ $outcome != OUTCOME_SUCCEEDED ]; then
    jq -Rs --arg kind "$error" --argjson retryable "$retryable" --arg code "$exit_code" '
      gsub("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]"; " ") | sub("\\s+$"; "")
      | if . == "" then "the command ended with exit code \($code)" else .[-8000:] end
      | {error: {$kind, message: ., $retryable}}' "$folder/errors" >"$folder/ending"
  elif [ ! -s "$folder/output" ]; then
    echo '{}' >"$folder/ending"
  elif jq -es 'length == 1' "$folder/output" >/dev/null 2>&1; then
    jq '{output: {json: .}}' "$folder/output" >"$folder/ending"
  else
    base64 "$folder/output" | tr -d '\n' |
      jq -Rs '{output: {mediaType: "text/plain", data: .}}' >"$folder/ending"
  fi
  jq --slurpfile assignment "$folder/assignment" --arg agentId "$agent_id" --arg resultId "$(uuid)" \
    --arg outcome "$outcome" \
    '{$agentId, results: [{claim: $assignment[0].claim, $resultId, result: ({$outcome} + .)}]}' \
    "$folder/ending" >"$folder/ReportResults.json"
  call ReportResults || return
  jq -r '.acks[0] | select(.verdict | test("RECORDED$") | not) | "\(.verdict): \(.message)"' \
    "$folder/ReportResults.answer" >&2
}

# shellcheck disable=SC2086 # tags have no blanks
jq -n --arg agentId "$agent_id" --arg kind "$kind" '{agent: {$agentId, capabilities: [$kind], tags: $ARGS.positional}}' \
  --args -- $tags >"$folder/RegisterAgent.json"
call RegisterAgent || exit 1
say "$agent_id takes tasks of kind $kind from $url"

while lease; do
  jq -e '.assignments | length > 0' "$folder/LeaseTasks.answer" >/dev/null || continue
  work "$@"
  [ -z "$once" ] || break
done

if [ -n "$made_up" ]; then
  jq -n --arg agentId "$agent_id" '{$agentId, reason: "the agent has ended"}' >"$folder/DeregisterAgent.json"
  call DeregisterAgent
fi
