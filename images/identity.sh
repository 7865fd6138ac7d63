#!/bin/sh
# Who the machine is: the files that name it, its network and its user, written anew in the tree that is given.
# A base may bring each of them as a link, which could lead out of the tree: it is removed and never followed.
set -eu
umask 022
cd "$1"
[ -d etc ] && [ ! -L etc ] || { echo "the tree \`$1\` has no folder etc" >&2; exit 1; }
for name in passwd group; do
    [ -f "etc/$name" ] && [ ! -L "etc/$name" ] || { echo "etc/$name of the tree is no file" >&2; exit 1; }
done
for name in machine-id resolv.conf hostname hosts; do rm -rf "etc/$name"; done
: > etc/machine-id
: > etc/resolv.conf
echo localhost > etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n' > etc/hosts
echo 'user:x:1000:1000:user:/tmp:/bin/bash' >> etc/passwd
echo 'user:x:1000:' >> etc/group
