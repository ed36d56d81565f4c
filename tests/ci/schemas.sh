#!/usr/bin/env bash
# Holds rendered CI files against their published schemas:
#   schemas.sh FOLDER      files named github-*, gitlab-* and kubernetes-*
# check-jsonschema carries SchemaStore's GitHub workflow schema and GitLab's own; kubernetes-validate carries the OpenAPI
# schemas of Kubernetes. Both come from PyPI into a virtual environment, kept in CI_SCHEMAS_VENV where that is set.
set -euo pipefail
folder="$1"
venv="${CI_SCHEMAS_VENV:-$folder/venv}"
if [ ! -x "$venv/bin/check-jsonschema" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet check-jsonschema kubernetes-validate
fi
"$venv/bin/check-jsonschema" --builtin-schema vendor.github-workflows "$folder"/github-*
"$venv/bin/check-jsonschema" --builtin-schema vendor.gitlab-ci "$folder"/gitlab-*
"$venv/bin/kubernetes-validate" --strict "$folder"/kubernetes-*
