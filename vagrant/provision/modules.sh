#!/bin/bash
# Kernel modules that CRIU asks for while it dumps sockets; loaded inside a freeze they would lengthen it.
set -euo pipefail
modules="tcp_diag udp_diag unix_diag inet_diag packet_diag netlink_diag af_packet_diag raw_diag tun ip_tables \
iptable_filter nf_tables nfs"
: >/etc/modules-load.d/thaw.conf
for module in $modules; do
  # Built in, of another kernel, or not to be had: CRIU itself tells which of them it misses.
  if modprobe "$module" 2>/dev/null; then echo "$module" >>/etc/modules-load.d/thaw.conf; fi
done
