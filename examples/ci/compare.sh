#!/bin/sh
# Compares the service with the export of another environment:
#
#   compare.sh EXPORT.yaml
#
# Exit code 0: both have the same active jobs. 2: they differ. 1: an error.
# ASYNCJOBS_URL is the service, ASYNCJOBS_TOKEN its token, and ASYNCJOBS the command if it is not on the PATH.
set -eu

if [ $# -ne 1 ]; then
    echo 'Usage: compare.sh EXPORT.yaml' >&2
    exit 1
fi
code=0
"${ASYNCJOBS:-asyncjobs}" compare "$1" || code=$?
case $code in
    0) exit 0 ;;
    2)
        echo "The environments differ. Each line above names a job and its fields: 'here' is the service, 'there' is $1." >&2
        exit 2
        ;;
    *)
        echo "The environments could not be compared. The lines above say why." >&2
        exit 1
        ;;
esac
