#!/bin/bash
# Builds a small Debian box for vagrant-libvirt from the mirror that this machine's apt is configured for.
#   vagrant/box/build.sh bookworm|trixie [--cached]
# The last line on standard output is the directory that holds thaw.box and host_key.pub; a later call takes it from
# the cache, and with --cached fails where it is not there. The keys are made here, for this box alone.
set -euo pipefail

die() { echo "build.sh: $1" >&2; exit 1; }

suite=${1:-}
case $suite in
  bookworm | trixie) ;;
  *) die "which suite? bookworm or trixie" ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
key=$(cat "$here"/*.sh "$here"/Vagrantfile "$here"/masked-units | sha256sum | cut -c1-12)
boxes=${XDG_CACHE_HOME:-$HOME/.cache}/thaw/vagrant/boxes
box=$boxes/$suite-$key
if [ -e "$box/thaw.box" ]; then echo "$box"; exit; fi
[ "${2:-}" != --cached ] || exit 1

[ "$(id -u)" = 0 ] || die "the box's files belong to root, so root has to build it: sudo $0 $suite"
for tool in mmdebstrap mkfs.ext4 qemu-img cpio ssh-keygen; do
  command -v "$tool" >/dev/null || die "$tool is missing: apt-get install mmdebstrap e2fsprogs qemu-utils cpio openssh-client"
done
# Origin and label tell Debian's own archive from others.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  sed -n 's/^Debian Debian main //p' | head -n 1)
[ -n "$mirror" ] || die "apt knows no mirror of Debian on this machine: run apt-get update"

mkdir -p "$boxes"
exec 9>"$boxes/lock"
flock 9
if [ -e "$box/thaw.box" ]; then echo "$box"; exit; fi
work=$(mktemp -d "$boxes/.building-XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root

packages=systemd-sysv,udev,dbus,kmod,openssh-server,sudo,nfs-kernel-server,nfs-common,runc,criu,iproute2,iptables
packages=$packages,nftables,iputils-arping,iputils-ping,procps,linux-image-cloud-amd64,busybox-static,netbase,rsync
mmdebstrap --mode=root --variant=minbase --components=main --include="$packages" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --aptopt='Acquire::Languages "none"' \
  --aptopt='APT::Install-Recommends "false"' \
  "$suite" "$root" "deb $mirror $suite main" >&2

rm -f "$root"/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C thaw-box -f "$work/private_key"
ssh-keygen -q -t ed25519 -N '' -C thaw-host -f "$root/etc/ssh/ssh_host_ed25519_key"
cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$work/host_key.pub"
"$here/configure.sh" "$root" "$work/private_key.pub" "$here/masked-units" >&2
"$here/boot.sh" "$root" "$work" >&2

# The whole disk is one file system: the kernel is given to QEMU directly and needs no boot loader.
truncate -s 6G "$work/disk.raw"
mkfs.ext4 -q -F -L root -d "$root" "$work/disk.raw"
qemu-img convert -O qcow2 "$work/disk.raw" "$work/box.img"
echo '{"provider":"libvirt","format":"qcow2","virtual_size":6}' >"$work/metadata.json"
cp "$here/Vagrantfile" "$work/Vagrantfile"
tar -C "$work" -cf "$work/thaw.box" metadata.json Vagrantfile box.img vmlinuz initrd private_key
rm -rf --one-file-system "$root" "$work"/{disk.raw,box.img,vmlinuz,initrd,metadata.json,Vagrantfile}
chmod 755 "$work"
mv "$work" "$box"
trap - EXIT
echo "$box"
