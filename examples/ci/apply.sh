#!/bin/sh
# Applies a manifest, all of it or nothing:
#
#   apply.sh MANIFEST [HASH]
#
# With HASH it applies the plan that has this hash and no other one.
# Exit code 0: done, or nothing to do. 2: nothing was changed, because the plan is not approved yet, or because the
# environment or the manifest is not the one that was planned. 1: an error.
# ASYNCJOBS_URL is the service, ASYNCJOBS_TOKEN its token, and ASYNCJOBS the command if it is not on the PATH.
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo 'Usage: apply.sh MANIFEST [HASH]' >&2
    exit 1
fi
manifest=$1
hash=${2:-}
asyncjobs=${ASYNCJOBS:-asyncjobs}
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# The last line of a plan has its hash
hash_of_output() {
    sed -n '$s/^plan \([0-9a-f]\{64\}\)$/\1/p' "$output"
}

if [ -z "$hash" ]; then
    code=0
    "$asyncjobs" plan "$manifest" >"$output" || code=$?
    cat "$output"
    case $code in
        0) exit 0 ;;
        2) hash=$(hash_of_output) ;;
        *)
            echo "$manifest could not be planned. The lines above say why." >&2
            exit 1
            ;;
    esac
fi

code=0
"$asyncjobs" apply "$manifest" --plan "$hash" >"$output" || code=$?
case $code in
    0)
        echo "Applied the plan $hash."
        exit 0
        ;;
    2) ;;
    *)
        echo "$manifest could not be applied, and nothing was changed. The lines above say why." >&2
        exit 1
        ;;
esac

planned=$(hash_of_output)
if [ "$planned" = "$hash" ]; then
    cat <<END
Nothing was changed. If the lines above say that nobody has approved the plan, a superadmin other than its author approves it:

  plan $hash

  curl -X POST -H "Authorization: Bearer \$ASYNCJOBS_TOKEN" -H 'Content-Type: application/json' \\
    -d '{"reason": "why it may be applied"}' \\
    ${ASYNCJOBS_URL:-http://127.0.0.1:8080}/api/v1/provisioning/plans/$hash/approve

Then run this job again.
END
else
    cat "$output"
    cat <<END
Nothing was changed. The environment or the manifest is not the one of the plan $hash. The plan is now

  plan $planned

Read it. If it is right, run this job again without a hash, or with this one.
END
fi
exit 2
