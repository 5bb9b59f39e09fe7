import { expect, test } from 'vitest';
import { iptablesRemovals, nftRemovals } from '../../harness/migration/drop-rules.ts';

const SAVED = `*filter
:INPUT ACCEPT [12:720]
-A INPUT -s 172.30.77.3/32 -d 172.30.77.10/32 -p tcp -m mark ! --mark 0xc114 -m tcp --sport 41000 --dport 80 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j DROP
-A OUTPUT -s 172.30.77.10/32 -d 172.30.77.3/32 -p tcp -m mark ! --mark 0xc114 -m tcp --sport 80 --dport 41000 -j DROP
COMMIT
`;

test("CRIU's rules are undone one by one, and nobody else's", () => {
  expect(iptablesRemovals(SAVED)).toEqual([
    'iptables -D INPUT -s 172.30.77.3/32 -d 172.30.77.10/32 -p tcp -m mark ! --mark 0xc114 -m tcp --sport 41000 --dport 80 -j DROP'.split(
      ' ',
    ),
    'iptables -D OUTPUT -s 172.30.77.10/32 -d 172.30.77.3/32 -p tcp -m mark ! --mark 0xc114 -m tcp --sport 80 --dport 41000 -j DROP'.split(
      ' ',
    ),
  ]);
});

test("only tables of CRIU's own are deleted", () => {
  const tables =
    'table inet filter\ntable inet CRIU-1234\ntable ip CRIUX\ntable inet CRIU-9480ad43-6edc-4f18-98\n';
  expect(nftRemovals(tables)).toEqual([
    ['nft', 'delete', 'table', 'inet', 'CRIU-1234'],
    ['nft', 'delete', 'table', 'inet', 'CRIU-9480ad43-6edc-4f18-98'],
  ]);
});
