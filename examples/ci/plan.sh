#!/bin/sh
# Plans a manifest and writes the plan as Markdown:
#
#   plan.sh MANIFEST PLAN.md COMMENT.md
#
# PLAN.md has the whole plan. COMMENT.md has as much of it as a comment can hold.
# Exit code 0: the plan is written, whether changes are pending or not. 1: an error.
# ASYNCJOBS_URL is the service, ASYNCJOBS_TOKEN its token, and ASYNCJOBS the command if it is not on the PATH.
set -eu

if [ $# -ne 3 ]; then
    echo 'Usage: plan.sh MANIFEST PLAN.md COMMENT.md' >&2
    exit 1
fi
manifest=$1
plan=$2
comment=$3
# A comment on GitHub has at most 65,536 characters
longest=60000

code=0
"${ASYNCJOBS:-asyncjobs}" plan "$manifest" --output markdown >"$plan" || code=$?
case $code in
    0) echo "Nothing to do: the service has all that is in $manifest." ;;
    2) echo "Changes are pending. The plan is in $plan." ;;
    *)
        echo "$manifest could not be planned. The lines above say why." >&2
        exit 1
        ;;
esac

# Keeps whole lines, closes a block that is still open, and keeps the last line, which has the hash of the plan
awk -v longest="$longest" '
    { size += length($0) + 1; last = $0 }
    size > longest { cut = 1; next }
    { print }
    fence == "" && match($0, /^```+/) { fence = substr($0, 1, RLENGTH); next }
    $0 == fence { fence = "" }
    END {
        if (cut) {
            if (fence != "") print fence
            print "\n**The plan is too long for a comment. The job has the whole plan as a file.**\n"
            print last
        }
    }
' "$plan" >"$comment"
