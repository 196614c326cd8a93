#!/bin/sh
# Posts a file as a note on the merge request of this pipeline:
#
#   comment-gitlab.sh COMMENT.md
#
# Exit code 0: posted. 1: an error.
# GITLAB_NOTE_TOKEN is a project access token that may write notes. GitLab sets the other variables.
set -eu

if [ $# -ne 1 ]; then
    echo 'Usage: comment-gitlab.sh COMMENT.md' >&2
    exit 1
fi
# The token comes by standard input: neither a log nor a list of processes shows it
if ! printf 'PRIVATE-TOKEN: %s\n' "$GITLAB_NOTE_TOKEN" \
    | curl --silent --show-error --fail --max-time 60 --output /dev/null --header @- --data-urlencode "body@$1" \
        "$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"; then
    echo 'GitLab did not take the note. GITLAB_NOTE_TOKEN needs the scope api and the role Reporter.' >&2
    exit 1
fi
echo 'The plan is a note on the merge request.'
