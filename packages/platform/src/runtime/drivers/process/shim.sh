# Keeps one dyno: sh shim.sh MODE SHELL LAUNCH CAT SLEEP COMMAND, as leader of a session of its own.
# fd 3 takes the output, fd 4 the record (`pid N`, `exit N`), fd 5 says when to go; end of file there means never mind.
# Only positional parameters are used: a variable here would change a config var of the same name.
trap : TERM HUP INT QUIT USR1 USR2
read -r __ravine_go <&5 || exit 1
exec 5<&-

# What the command writes passes a real pipe, so that it can open /dev/stdout and never truncate the log.
# The relay outlives every polite signal, and a full disk: `cat` fails with 1 then, and is tried again.
case $1 in
  attached) ( trap '' TERM HUP INT QUIT USR1 USR2; exec "$4" 3>&- 4>&- ) ;;
  *) : ;;
esac | {
  trap : TERM HUP INT QUIT USR1 USR2
  # Some shells remark "Killed" on their own stderr; that is not the dyno's output, so only the command gets fd 6.
  exec 6>&1 >/dev/null
  "$2" "$3" "$6" shim
  printf 'exit %s\n' "$?" >&4
} | {
  trap '' TERM HUP INT QUIT USR1 USR2
  exec 4>&-
  while "$4" >&3; [ "$?" -eq 1 ]; do "$5" 1; done
}
