#!/bin/bash
# Makes a root file system a guest that Vagrant can use and that boots quickly under emulation.
#   configure.sh ROOT PUBLIC_KEY MASKED_UNITS
set -euo pipefail
root=$1 public_key=$2 masked_units=$3

chroot "$root" useradd --create-home --shell /bin/bash vagrant
# sshd refuses an account that is locked; no password matches this.
chroot "$root" usermod --password '*' vagrant
install -d -m 700 "$root/home/vagrant/.ssh"
install -m 600 "$public_key" "$root/home/vagrant/.ssh/authorized_keys"
chroot "$root" chown -R vagrant:vagrant /home/vagrant
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/vagrant"
chmod 440 "$root/etc/sudoers.d/vagrant"

cat >"$root/etc/ssh/sshd_config.d/thaw.conf" <<'X'
UseDNS no
HostKey /etc/ssh/ssh_host_ed25519_key
GSSAPIAuthentication no
PasswordAuthentication no
MaxSessions 64
X
echo debian >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 debian\n' >"$root/etc/hosts"
# Nothing but the root, which the kernel mounts: no checks and no waiting at boot.
: >"$root/etc/fstab"
rm -f "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id"
: >"$root/etc/resolv.conf"
# A machine ID that is there already saves systemd its first-boot work; DHCP goes by the MAC address.
echo 5f0c1d2e3a4b5c6d7e8f901234567890 >"$root/etc/machine-id"
: >"$root/etc/apt/sources.list"
rm -f "$root"/etc/apt/sources.list.d/*

mkdir -p "$root/etc/systemd/network" "$root/etc/systemd/journald.conf.d"
cat >"$root/etc/systemd/network/10-eth0.network" <<'X'
[Match]
Name=eth0
[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
[DHCPv4]
ClientIdentifier=mac
X
: >"$root/etc/network/interfaces" 2>/dev/null || true
printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/volatile.conf"
# The NFS server starts where provisioning asks for it.
chroot "$root" systemctl disable nfs-server.service rpcbind.socket rpcbind.service >/dev/null 2>&1 || true
chroot "$root" systemctl enable systemd-networkd.service >/dev/null 2>&1
chroot "$root" systemctl set-default multi-user.target >/dev/null
while read -r unit; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done <"$masked_units"
rm -f "$root/etc/systemd/system/sockets.target.wants/systemd-networkd.socket"
