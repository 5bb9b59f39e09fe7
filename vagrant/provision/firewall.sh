#!/bin/bash
# Opens firewalld for the private network alone, and for exactly what is needed: the service, the page server, NFS.
set -euo pipefail
: "${THAW_NETWORK:?}" "${THAW_NFS_SERVER:?}" "${THAW_ADDRESS:?}"
command -v firewall-cmd >/dev/null || exit 0
firewall-cmd --state >/dev/null 2>&1 || exit 0
zone=thaw
firewall-cmd --permanent --get-zones | tr ' ' '\n' | grep -qx "$zone" || firewall-cmd --permanent --new-zone="$zone"
permanent() { firewall-cmd --permanent --zone="$zone" "$@"; }
permanent --query-source="$THAW_NETWORK" >/dev/null || permanent --add-source="$THAW_NETWORK"
# http: the service. 27/tcp: CRIU's page server.
opened="http"
if [ "$THAW_NFS_SERVER" = "$THAW_ADDRESS" ]; then opened="$opened nfs mountd rpc-bind"; fi
for service in $opened; do
  permanent --query-service="$service" >/dev/null || permanent --add-service="$service"
done
permanent --query-port=27/tcp >/dev/null || permanent --add-port=27/tcp
permanent --query-protocol=icmp >/dev/null || permanent --add-protocol=icmp
firewall-cmd --reload
