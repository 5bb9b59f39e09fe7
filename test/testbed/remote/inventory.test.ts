import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../harness/testbed/remote/inventory.ts';

const TWO = `hosts:
  rhel01: { address: 192.168.7.11, user: root, key: keys/lab }
  rhel02: { ssh: lab-two, interface: eno2, key: ~/.ssh/lab }
service: { address: 192.168.7.100/24 }
share: { server: rhel01, directory: /srv/runc }
`;

describe('an inventory', () => {
  it('names hosts, with keys relative to the file, service and share', () => {
    const inventory = parseInventory(TWO, '/lab/hosts.yaml');
    expect({ ...inventory, hosts: [...inventory.hosts] }).toEqual({
      file: '/lab/hosts.yaml',
      hosts: [
        ['rhel01', { address: '192.168.7.11', user: 'root', key: '/lab/keys/lab' }],
        ['rhel02', { ssh: 'lab-two', interface: 'eno2', key: '~/.ssh/lab' }],
      ],
      service: { address: '192.168.7.100', prefixLength: 24 },
      share: { server: 'rhel01', directory: '/srv/runc' },
      client: null,
    });
    expect(parseInventory(`${TWO}client: rhel02\n`, '/lab/hosts.yaml').client).toBe('rhel02');
  });

  it.each([
    ['hosts: { rhel01: { adress: 1.2.3.4 } }', /^lab\.yaml:1:20: .*adress.*address/s],
    ['hosts: { rhel01: { port: 70000 } }', /^lab\.yaml:1:\d+: .*port/s],
    ['hosts: { rhel01: { ssh: -oProxyCommand=reboot } }', /^lab\.yaml:1:\d+: .*must not begin with `-`/s],
    ['hosts: { rhel01: { host-key: nonsense } }', /^lab\.yaml:1:\d+: .*must be a public key/s],
    ['hosts: { rhel01: {} }\nservice: { address: 10.0.0.1 }', /^lab\.yaml:2:\d+: .*with its prefix/s],
    [
      'hosts: { rhel01: {} }\nshare: { server: rhel1, directory: /a }',
      /^lab\.yaml:2:\d+: .*no host.*rhel01/s,
    ],
    ['hosts: { rhel01: {} }\nclient: rhel1', /^lab\.yaml:2:\d+: .*no host.*rhel01/s],
    ['host: {}', /^lab\.yaml:1:1: .*host.*hosts/s],
    ['hosts: [', /^lab\.yaml:1:/],
  ])('refuses %j, with the place', (content, message) => {
    expect(() => parseInventory(content, 'lab.yaml')).toThrow(message);
  });
});
