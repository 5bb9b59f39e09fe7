import { expect, test } from 'vitest';
import { ruleArgv } from '../../harness/migration/reset-guard.ts';

test('only resets without ACK are held back: a refused connection is still told so at once', () => {
  const service = { name: 'rhel0x', address: '172.30.77.10', prefixLength: 24, port: 80 };
  expect(ruleArgv('-I', service).join(' ')).toBe(
    'iptables -I OUTPUT -s 172.30.77.10 -p tcp --sport 80 --tcp-flags RST,ACK RST -j DROP',
  );
  expect(ruleArgv('-D', service).slice(2)).toEqual(ruleArgv('-I', service).slice(2));
});
