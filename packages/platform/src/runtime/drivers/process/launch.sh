# Becomes the dyno's command: SHELL launch.sh COMMAND [shim], in its HOME, after .profile.d/*.sh and .profile.
if [ "$2" = shim ]; then
  printf 'pid %s\n' "$$" >&4
  exec >&6 2>&6 3>&- 4>&- 6>&-
fi
__ravine_command=$1
set --
for __ravine_file in .profile.d/*.sh; do
  if [ -f "$__ravine_file" ]; then . "./$__ravine_file"; fi
done
if [ -f .profile ]; then . ./.profile; fi
exec "$SHELL" -c "$__ravine_command"
