#!/bin/bash
# Writes vmlinuz and a small initrd (busybox and the virtio modules, which this kernel does not have built in).
#   boot.sh ROOT DIRECTORY
set -euo pipefail
root=$1 directory=$2
version=$(basename "$root"/lib/modules/*)
initrd=$directory/initrd.d
mkdir -p "$initrd"/{bin,dev,mnt,modules}
cp "$root/bin/busybox" "$initrd/bin/busybox"
modules=""
for wanted in virtio_pci virtio_mmio virtio_blk virtio_net; do
  while read -r _ path _; do
    name=$(basename "${path%.xz}")
    [ -e "$initrd/modules/$name" ] && continue
    case $path in
      *.xz) xz -dc "$root$path" >"$initrd/modules/$name" ;;
      *) cp "$root$path" "$initrd/modules/$name" ;;
    esac
    modules="$modules $name"
  done < <(chroot "$root" modprobe -S "$version" --show-depends "$wanted" 2>/dev/null | grep '^insmod')
done
cat >"$initrd/init" <<X
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in $modules; do /bin/busybox insmod /modules/\$module; done
tries=0
while [ ! -b /dev/vda ] && [ \$tries -lt 200 ]; do /bin/busybox usleep 50000; tries=\$((tries + 1)); done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /mnt
/bin/busybox mount --move /dev /mnt/dev
exec /bin/busybox switch_root /mnt /sbin/init
X
chmod 755 "$initrd/init"
(cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$directory/initrd"
cp "$root/boot/vmlinuz-$version" "$directory/vmlinuz"
rm -rf --one-file-system "$initrd"
