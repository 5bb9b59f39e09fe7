/** Whether a container can move between hosts: one share, processors that fit, the same versions. */
import { randomBytes } from 'node:crypto';
import { messageOf } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { Finding } from '../../model.ts';
import { toolVersions } from '../facts.ts';
import { finding } from '../finding.ts';
import { firstWrite } from './first-write.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** What only shows between hosts. Never throws for what it finds. */
export async function examineTogether(hosts: readonly Host[]): Promise<Finding[]> {
  const [first, ...others] = hosts;
  if (first === undefined || others.length === 0) return [];
  const findings: Finding[] = [];
  for (const other of others) {
    findings.push(
      await sameShare(first, other),
      await processors(first, other),
      await processors(other, first),
    );
  }
  return [...findings, await sameVersions(hosts)];
}

async function sameShare(first: Host, other: Host): Promise<Finding> {
  const path = `/runc/.thaw-${randomBytes(6).toString('hex')}`;
  const what = ['one-share', `${first.name}, ${other.name}`] as const;
  const why = 'images that one writes the other reads, and files of root must stay root’s';
  const next = 'mount one export at /runc on both, with no_root_squash';
  try {
    await firstWrite(first, { path, content: first.name, mode: 0o600 }, () => {});
    const seen = await other.exec(['stat', '--format=%u:%g', path], LIMIT);
    const content = (await other.get(path, 100))?.toString();
    if (content !== first.name)
      return finding(what, false, 'the one does not see what the other writes', why, next);
    const squashed = seen.stdout.trim() !== '0:0';
    const owner = squashed ? `, but its owner is ${seen.stdout.trim()}: root is squashed` : ', owned by root';
    return finding(what, !squashed, `what one writes to /runc the other sees${owner}`, why, next);
  } catch (error) {
    return finding(what, false, messageOf(error), why, next);
  } finally {
    await first.exec(['rm', '-f', '--', path], LIMIT);
  }
}

/** CRIU's own comparison of two processors; the image of one travels to the other on the share. */
async function processors(from: Host, to: Host): Promise<Finding> {
  const directory = `/runc/.thaw-cpu-${randomBytes(6).toString('hex')}`;
  const what = ['processors', `CPU ${from.name} → ${to.name}`] as const;
  const why = 'a process that has met a feature of one processor may die on another without it';
  const next = 'give both virtual machines the same CPU model, or migrate the other way only';
  try {
    await from.exec(['mkdir', '-m', '700', directory], LIMIT);
    const dump = await from.exec(['criu', 'cpuinfo', 'dump', '--images-dir', directory], LIMIT);
    const check = await to.exec(['criu', 'cpuinfo', 'check', '--images-dir', directory], LIMIT);
    const compatible = dump.status === 0 && check.status === 0;
    const said = `${dump.stderr}\n${check.stderr}`.trim().split('\n').at(-1) ?? '';
    return finding(what, compatible, compatible ? 'compatible, says CRIU' : said, why, next);
  } catch (error) {
    return finding(what, false, messageOf(error), why, next);
  } finally {
    await from.exec(['rm', '-rf', '--one-file-system', '--', directory], LIMIT);
  }
}

async function sameVersions(hosts: readonly Host[]): Promise<Finding> {
  const versions = await Promise.all(
    hosts.map(async (host) => {
      const { runc, criu } = await toolVersions(host);
      const { stdout } = await host.exec(['uname', '-r'], LIMIT);
      return `runc ${runc}, CRIU ${criu}, kernel ${stdout.trim()}`;
    }),
  );
  const same = new Set(versions).size === 1;
  return finding(
    ['versions', 'versions'],
    same,
    same ? 'the same on all hosts' : hosts.map(({ name }, i) => `${name}: ${versions[i]}`).join('; '),
    'images of one version are not promised to be read by another',
    'nothing, where version skew is what you test',
    'warning',
  );
}
