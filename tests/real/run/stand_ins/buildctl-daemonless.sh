#!/bin/sh
# Stands in for rootless BuildKit: the same command line and the same log-in file, done by buildah. No cache in a
# registry, no attestations; what else is asked of it is an error.
set -eu
test "$1" = build
shift
context='' dockerfile='' filename='' output='' metadata=''
left=$#
while [ "$left" -gt 0 ]; do
  word=$1 value=$2
  shift 2
  left=$((left - 2))
  case "$word $value" in
    "--local context="*) context=${value#context=} ;;
    "--local dockerfile="*) dockerfile=${value#dockerfile=} ;;
    "--opt filename="*) filename=${value#filename=} ;;
    "--opt label:"*) set -- "$@" --label "${value#label:}" ;;
    "--output type=image,name="*) output=${value#type=image,name=} ;;
    "--metadata-file "*) metadata=$value ;;
    "--frontend dockerfile.v0" | "--opt platform=linux/amd64" | "--opt image-resolve-mode=pull" | "--opt attest:"*) ;;
    "--import-cache "* | "--export-cache "*) ;;
    *)
      echo "unknown: $word $value" >&2
      exit 1
      ;;
  esac
done
export BUILDAH_ISOLATION=chroot REGISTRY_AUTH_FILE="$DOCKER_CONFIG/config.json"
buildah --storage-driver vfs build --pull=always --file "$dockerfile/$filename" "$@" --tag built "$context"
if [ -n "$output" ]; then
  buildah --storage-driver vfs push --digestfile "$metadata.digest" built "docker://${output%%,*}"
  printf '{\n  "containerimage.digest": "%s"\n}\n' "$(cat "$metadata.digest")" > "$metadata"
fi
