#!/bin/sh
# Exports an environment as a manifest:
#
#   export.sh FILE.yaml
#
# Exit code 0: done. 1: an error.
# ASYNCJOBS_URL is the service, ASYNCJOBS_TOKEN its token, and ASYNCJOBS the command if it is not on the PATH.
set -eu

if [ $# -ne 1 ]; then
    echo 'Usage: export.sh FILE.yaml' >&2
    exit 1
fi
if ! "${ASYNCJOBS:-asyncjobs}" export --to "$1"; then
    echo 'The environment could not be exported. The lines above say why.' >&2
    exit 1
fi
