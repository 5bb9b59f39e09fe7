import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootWatch } from '../../../harness/testbed/vagrant/boot.ts';
import { reportIn, requireVagrant, vagrantCli } from '../../../harness/testbed/vagrant/cli.ts';
import { howToReach, sshConfigs } from '../../../harness/testbed/vagrant/reach.ts';
import { overridesOf, PROJECT, vagrantSettings } from '../../../harness/testbed/vagrant/settings.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-vagrant-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A Vagrant that prints, goes on and ends as it is told. */
function fake(stdout: string, status: number, then = ':') {
  const file = join(directory, 'vagrant');
  writeFileSync(join(directory, 'said'), stdout);
  writeFileSync(file, `#!/bin/sh\ncat ${directory}/said\n${then}\nexit ${status}\n`);
  chmodSync(file, 0o755);
  const enter = ['env', `PATH=${directory}:/usr/bin:/bin`];
  return {
    enter,
    cli: vagrantCli({ enter, environment: {}, signal: new AbortController().signal }),
  };
}

describe('the command line of Vagrant', () => {
  it('reads the machine-readable report, with its escapes', () => {
    expect(reportIn('1700000000,rhel01,ui,info,a%!(VAGRANT_COMMA) b\\nc')).toEqual({
      target: 'rhel01',
      type: 'ui',
      data: ['info', 'a, b\nc'],
    });
    expect(reportIn('==> rhel01: plain text, of a plugin')).toBeNull();
    expect(reportIn('')).toBeNull();
  });

  it('tells what it reports', async () => {
    const { cli } = fake('1,rhel01,state,running\n1,,ui,info,done\nnoise\n', 0);
    expect(await cli.run(['status'], { timeoutMs: 5_000 })).toEqual([
      { target: 'rhel01', type: 'state', data: ['running'] },
      { target: '', type: 'ui', data: ['info', 'done'] },
    ]);
  });

  it.each([
    ['Vagrant::Errors::BoxAddShortNotFound', "The box 'no/such' could not be found", /check `box`/],
    [
      'Vagrant::Errors::VMBootTimeout',
      'Timed out while waiting for the machine to boot.',
      /console of the machine/,
    ],
    ['Vagrant::Errors::ProviderNotUsable', 'The provider libvirt could not be found', /install the plugin/],
    ['RuntimeError', 'qemu: kvm_buf_set_msrs: Assertion failed', /emulate: THAW_VAGRANT_DRIVER=qemu/],
    ['VagrantPlugins::Fog', 'Call to virConnectOpen failed', /start libvirtd/],
    [
      'Vagrant::Errors::MachineLocked',
      'another process is already executing an action',
      /wait for the other/,
    ],
  ])('says what to do about %s', async (kind, said, next) => {
    const { cli } = fake(`1,,error-exit,${kind},${said}\n`, 1);
    await expect(cli.run(['up'], { timeoutMs: 5_000 })).rejects.toMatchObject({
      message: `vagrant up failed: exit 1\n  ${said}`,
      next: expect.stringMatching(next),
      exitCode: 2,
    });
  });

  it.each([
    ['Vagrant 1.9.8', /^Vagrant 1\.9\.8 is too old: 2\.2\.0 or newer/],
    ['something else', /^Vagrant \(of unknown version\) is too old/],
  ])('refuses %s', async (version, message) => {
    const { enter } = fake(`${version}\n`, 0);
    await expect(requireVagrant(enter)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      next: expect.stringContaining('docs/vagrant.md'),
    });
  });

  it('says where Vagrant is missing', async () => {
    await expect(requireVagrant(['env', `PATH=${directory}`])).rejects.toMatchObject({
      message: 'Vagrant is not installed on this machine',
      exitCode: 2,
    });
  });

  it('ends, with Vagrant, when one of its machines does not boot in time, and names that one', async () => {
    const waits = (name: string) => `1,${name},ui,info,Waiting for domain to get an IP address...\n`;
    const boots = '1,rhel01,ui,output,Machine booted and ready!\n';
    const { cli } = fake(`${waits('rhel01')}${waits('rhel02')}${boots}`, 0, 'exec sleep 60');
    await expect(cli.run(['up'], { timeoutMs: 50_000, boot: bootWatch(300) })).rejects.toMatchObject({
      message: 'rhel02 did not boot within 0.3 s',
      next: expect.stringContaining('THAW_VAGRANT_BOOT_TIMEOUT'),
      exitCode: 2,
    });
  });

  it('waits for what comes after the boot as long as that takes', async () => {
    const text =
      '1,rhel01,ui,output,Waiting for machine to boot.\n1,rhel01,ui,output,Machine booted and ready!\n';
    const { cli } = fake(text, 0, 'sleep 0.6');
    const reports = await cli.run(['up'], { timeoutMs: 50_000, boot: bootWatch(300) });
    expect(reports.length).toBe(2);
  });

  const NOT_READY = '1,,error-exit,Vagrant::Errors::SSHNotReady,not yet ready for SSH';

  it('is asked again how a machine is reached that it says is not ready', async () => {
    const { cli } = fake('', 1);
    const config = 'Host rhel01\\n  HostName 10.78.0.5\\n  User vagrant';
    const asked = join(directory, 'asked');
    writeFileSync(
      join(directory, 'vagrant'),
      `#!/bin/sh\necho "$*" >> ${asked}\n[ $(wc -l < ${asked}) -gt 1 ] || { echo '${NOT_READY}'; exit 1; }\nprintf '%s\\n' '1,rhel01,ssh-config,${config}'\n`,
    );
    const status: string[] = [];
    const machines = await howToReach(cli, ['rhel01'], {
      limitMs: 30_000,
      status: (text) => status.push(text),
    });
    expect(machines.get('rhel01')).toMatchObject({ address: '10.78.0.5', user: 'vagrant' });
    expect(status).toEqual(['Vagrant does not know yet how the machines are reached']);
    // Of these machines only: one that is known and down is nobody's matter here.
    expect(readFileSync(asked, 'utf8')).toBe('ssh-config --machine-readable rhel01\n'.repeat(2));
  });

  it("says the machines' states where it never tells how they are reached", async () => {
    const { cli } = fake('', 1);
    writeFileSync(
      join(directory, 'vagrant'),
      `#!/bin/sh\n[ "$1" = status ] || { echo '${NOT_READY}'; exit 1; }\necho 1,rhel01,state,running\necho 1,rhel02,state,shutoff\n`,
    );
    const asked = howToReach(cli, ['rhel01', 'rhel02'], { limitMs: 0, status: () => undefined });
    await expect(asked).rejects.toMatchObject({
      message: expect.stringContaining('rhel01: running, rhel02: shutoff'),
      next: expect.stringContaining('thaw testbed up'),
      exitCode: 2,
    });
  });

  it('tells at once what is no question of time', async () => {
    const { cli } = fake('1,,error-exit,Vagrant::Errors::MachineNotFound,no such machine\n', 1);
    const asked = howToReach(cli, ['rhel01'], { limitMs: 30_000, status: () => undefined });
    await expect(asked).rejects.toThrow('no such machine');
  });

  it('takes addresses and keys out of ssh-config', () => {
    const text = `Host rhel01
  HostName 10.78.0.5
  User vagrant
  Port 22
  IdentityFile "/a b/key"

Host rhel02
  HostName 127.0.0.1
  User root
  Port 2200
  IdentityFile /key
`;
    expect([...sshConfigs(text)]).toEqual([
      ['rhel01', { address: '10.78.0.5', port: 22, user: 'vagrant', key: '/a b/key' }],
      ['rhel02', { address: '127.0.0.1', port: 2200, user: 'root', key: '/key' }],
    ]);
  });
});

describe('settings.yaml', () => {
  it('holds what docs/vagrant.md says, and the environment goes first', () => {
    expect(vagrantSettings({})).toEqual({
      box: 'almalinux/9',
      provider: 'libvirt',
      service: '10.77.0.100/24',
      share: { server: 'rhel01', directory: '/srv/runc' },
      client: false,
      bootLimitMs: 300_000,
    });
    expect(vagrantSettings({ THAW_VAGRANT_CLIENT: '10.77.0.13' }).client).toBe(true);
    expect(vagrantSettings({ THAW_VAGRANT_BOOT_TIMEOUT: '20' }).bootLimitMs).toBe(20_000);
    expect(() => vagrantSettings({ THAW_VAGRANT_BOOT_TIMEOUT: '5m' })).toThrow(
      'boot_timeout of the virtual machines cannot be "5m"',
    );
    const env = { THAW_VAGRANT_BOX: 'a/b', THAW_VAGRANT_NFS_SERVER: 'host', HOME: '/root' };
    expect(vagrantSettings(env)).toMatchObject({ box: 'a/b', share: null });
    expect(overridesOf(env)).toEqual({ THAW_VAGRANT_BOX: 'a/b', THAW_VAGRANT_NFS_SERVER: 'host' });
  });
});

const noRuby = missing('ruby');

describe.skipIf(noRuby)(`the Vagrantfile${noRuby ? ' (skipped: ruby is not installed)' : ''}`, () => {
  it.each(['Vagrantfile', 'vagrant/settings.rb', 'vagrant/box/Vagrantfile'])('%s is Ruby', (file) => {
    expect(execFileSync('ruby', ['-c', join(PROJECT, file)], { encoding: 'utf8' })).toBe('Syntax OK\n');
  });

  it.each([
    ['BOX', 'no slash', 'THAW_VAGRANT_BOX: box cannot be "no slash"'],
    ['CPUS', '0', 'THAW_VAGRANT_CPUS: cpus cannot be "0"'],
    ['BOOT_TIMEOUT', '0', 'THAW_VAGRANT_BOOT_TIMEOUT: boot_timeout cannot be "0"'],
    ['NFS_VERSION', '2', 'THAW_VAGRANT_NFS_VERSION: nfs_version cannot be "2"'],
    ['NFS_EXPORT', '/a;b', 'THAW_VAGRANT_NFS_EXPORT: nfs_export cannot be "/a;b"'],
    ['RHEL02', '10.99.0.1', 'settings.yaml: rhel02 10.99.0.1 lies outside the network 10.77.0.0/24'],
    ['CLIENT', '10.99.0.1', 'settings.yaml: client 10.99.0.1 lies outside the network 10.77.0.0/24'],
    ['RHEL02', '$(reboot)', 'THAW_VAGRANT_RHEL02: rhel02 cannot be "$(reboot)"'],
  ])('refuses a wrong %s', (name, value, message) => {
    const script = `require ARGV[0]; begin; Thaw.settings(ARGV[1], ENV); rescue Thaw::SettingsError => e; print e.message; end`;
    const files = [join(PROJECT, 'vagrant/settings.rb'), join(PROJECT, 'vagrant/settings.yaml')];
    const said = execFileSync('ruby', ['-e', script, ...files], {
      encoding: 'utf8',
      env: { ...process.env, [`THAW_VAGRANT_${name}`]: value },
    });
    expect(said).toContain(message);
  });
});

const noVagrant = missing('vagrant');

it.skipIf(noVagrant)(
  `vagrant validate is content${noVagrant ? ' (skipped: no vagrant)' : ''}`,
  { timeout: 60_000 },
  () => {
    const env = { ...process.env, VAGRANT_CWD: PROJECT, VAGRANT_HOME: directory, VAGRANT_NO_COLOR: '1' };
    const said = execFileSync('vagrant', ['validate', '--ignore-provider'], { encoding: 'utf8', env });
    expect(said).toMatch(/^Vagrantfile validated successfully\.$/m);
  },
);

describe('the shell scripts', () => {
  const folders = ['box', 'libvirt', 'provision'].map((name) => join(PROJECT, 'vagrant', name));
  const scripts = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.sh'))
      .map((name) => join(folder, name)),
  );

  it('are bash that can be read', () => {
    expect(scripts.length).toBeGreaterThan(10);
    for (const script of scripts) execFileSync('bash', ['-n', script]);
  });

  it('say at once what they lack', () => {
    const run = (...argv: string[]): string => {
      try {
        return execFileSync('bash', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      } catch (error) {
        return (error as { stderr: string }).stderr;
      }
    };
    expect(run(join(PROJECT, 'vagrant/box/build.sh'), 'sid')).toBe(
      'build.sh: which suite? bookworm or trixie\n',
    );
    expect(run(join(PROJECT, 'vagrant/libvirt/start.sh'))).toContain('where is its state to be kept?');
  });
});

function missing(tool: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', tool]);
    return false;
  } catch {
    return true;
  }
}
