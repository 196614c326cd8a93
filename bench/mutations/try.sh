#!/bin/sh
# Shows that bench faults finds what it is there for: takes one guard out of a copy of the service, builds that and runs the
# harness on it. Ends with 0 when a violation of the kind that the guard is against was found.
#   bench/mutations/try.sh epoch|lease|fence [--minutes N] [--seed N] ...
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
home=$(CDPATH='' cd "$here/../.." && pwd -P)
name=${1:-}
case $name in
    epoch) expected='STALE_STATE|ENDED_TWICE|WRONG_AUDIT|DOUBLED_TICK' faults=node-stop,net-drop,net-cut ;;
    lease) expected='OVERLAP|EFFECT_OF_FENCED_RUN|LATE_START' faults=net-cut,terminate-one ;;
    fence) expected='OVERLAP|EFFECT_OF_FENCED_RUN|LATE_START' faults=node-stop,net-drop ;;
    *)
        echo "Which one? epoch, lease or fence" >&2
        exit 2
        ;;
esac
shift
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
(cd "$home" && tar cf - --exclude=./target --exclude=./data --exclude=./.git .) | (cd "$copy" && tar xf -)
find "$copy/src/main/java" -name '*.java' -exec sed -i -f "$here/$name.sed" {} +
if diff -r -q "$home/src/main/java" "$copy/src/main/java" >/dev/null; then
    echo "The sources do not hold what $name.sed takes out" >&2
    exit 2
fi
"$copy/asyncjobs" build
if "$copy/asyncjobs" bench faults --minutes 2 --jobs 60 --silence 60 --faults "$faults" --json "$copy/found.json" "$@"; then
    echo "Nothing was found although '$name' had been taken out" >&2
    exit 1
fi
grep -E "\"($expected)\" :" "$copy/found.json" || {
    echo "Something was found, but nothing of $expected" >&2
    exit 1
}
echo "Found, as it should be: '$name' had been taken out"
