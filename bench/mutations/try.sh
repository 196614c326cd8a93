#!/bin/sh
# Shows that bench faults finds what it is there for: takes one guard out of a copy of the service, builds that and runs the
# harness on it. Ends with 0 when violations were found, of the kind that the guard is against.
#   bench/mutations/try.sh epoch|lease|fence [--minutes N] [--seed N] ...
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
home=$(CDPATH='' cd "$here/../.." && pwd -P)
name=${1:-}
[ -n "$name" ] && [ -f "$here/$name.patch" ] || {
    echo "Which one? $(cd "$here" && ls ./*.patch | sed 's|^\./||; s|\.patch$||' | tr '\n' ' ')" >&2
    exit 2
}
shift
case $name in
    epoch) expected='STALE_STATE|ENDED_TWICE|WRONG_AUDIT|DOUBLED_TICK' faults=node-stop,net-drop,net-cut ;;
    lease) expected='OVERLAP|EFFECT_OF_FENCED_RUN|LATE_START' faults=net-cut,terminate-one ;;
    fence) expected='OVERLAP|EFFECT_OF_FENCED_RUN|LATE_START' faults=node-stop,net-drop ;;
esac
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
(cd "$home" && tar cf - --exclude=./target --exclude=./data --exclude=./.git .) | (cd "$copy" && tar xf -)
(cd "$copy" && patch --strip=1 --forward <"$here/$name.patch") || {
    echo "The patch $name does not fit the sources any more: make it anew" >&2
    exit 2
}
"$copy/asyncjobs" build
if "$copy/asyncjobs" bench faults --minutes 2 --jobs 60 --silence 60 --faults "$faults" --json "$copy/found.json" "$@"; then
    echo "Nothing was found although '$name' had been taken out" >&2
    exit 1
fi
grep -E "\"($expected)\"" "$copy/found.json" >/dev/null || {
    echo "Something was found, but nothing of $expected" >&2
    exit 1
}
echo "Found, as it should be: '$name' had been taken out"
