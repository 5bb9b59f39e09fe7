import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheDirectory } from '../../harness/paths.ts';
import { BuildError, buildRevision } from '../../harness/runtime/sources/build.ts';
import { type Repository, repository } from '../runtime/sources/repository.ts';
import { whyNotHere } from './machine.ts';
import { ASAN_OPTIONS, MISTAKE, sanitizedCriu } from './sanitized-criu.ts';
import { recordOf, scenario, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
const folder = scratch();
afterAll(() => folder.remove());

describe.skipIf(why !== null)(`a binary of a git revision${why === null ? '' : ` (skipped: ${why})`}`, () => {
  // What stands in for CRIU's sources: a Makefile that tells where it is built.
  const makefile = (rules: string) => `criu:\n\tmkdir -p criu\n${rules}.PHONY: criu\n`;
  const PROGRAM = "\tprintf '%s\\n' 'int main(void) { return 7; }' >m.c\n\tcc -o criu/criu m.c\n";
  const PROBE =
    '\t@id -u\n\t@touch /root/x || echo no rights\n\t@echo routes: $$(tail -n +2 /proc/net/route)\n';
  const context = { cache: cacheDirectory(), announce: () => {}, signal: new AbortController().signal };
  let source: Repository;
  const build = (commit: string) => buildRevision({ part: 'criu', repository: source.path, commit }, context);

  beforeAll(() => {
    source = repository(join(folder.path, 'small'));
    // Another commit in each run of the test: what an earlier one built is not taken.
    source.commit({ Makefile: makefile(PROBE + PROGRAM), when: new Date().toISOString() });
    source.git('tag', 'v1');
    source.commit({ Makefile: makefile('\tcc -c nothing.c\n') });
    source.git('tag', 'broken');
    source.commit({ Makefile: makefile('\tln -s /etc/shadow criu/criu\n') });
    source.git('tag', 'elsewhere');
  });

  test('is built as nobody, without a network, and once', async () => {
    const built = await build('v1');
    const log = readFileSync(built.log, 'utf8');
    expect(log).toMatch(/^65534$/m);
    expect(log).toContain('no rights');
    expect(log).toMatch(/^routes:$/m);
    const again = await build(built.commit);
    expect(again).toEqual(built);
    expect(readFileSync(built.log, 'utf8')).toBe(log);
  });

  test('that does not build is told with the last lines and the log, and nothing half built stays', async () => {
    const error = await build('broken').catch((thrown: unknown) => thrown);
    if (!(error instanceof BuildError)) throw error;
    expect(error).toMatchObject({ part: 'criu', commit: source.git('rev-parse', 'broken'), exitCode: 2 });
    expect(error.message).toMatch(/does not build: exit 2\n/);
    expect(error.message).toContain('nothing.c: No such file or directory');
    expect(error.next).toBe(`the whole log: ${error.log}`);
    expect(readFileSync(error.log, 'utf8')).toContain('nothing.c');
    expect(existsSync(error.log.replace(/\.log$/, ''))).toBe(false);
    const ours = `criu-${error.commit.slice(0, 12)}`;
    const left = readdirSync(join(context.cache, 'builds')).filter((name) => name.startsWith(ours));
    expect(left.filter((name) => name.includes('.partial-'))).toEqual([]);
  });

  test('may not hand out a file of this machine as its binary', async () => {
    await expect(build('elsewhere')).rejects.toThrow('does not build: it made no criu/criu');
  });

  test('migrates httpd, and what its sanitizer reports is a finding of the run', async () => {
    const criu = join(folder.path, 'criu');
    const { git } = await sanitizedCriu(criu);
    const file = folder.write('h.yaml', scenario('httpd'));
    process.env.ASAN_OPTIONS = ASAN_OPTIONS;
    const ended = await thaw(
      ...['run', file, '--criu', `git:${criu}@main`, '--count', '1', '--warm-up', '0', '--no-limits'],
      ...['--reports', folder.path, '--json'],
    );
    delete process.env.ASAN_OPTIONS;
    const record = recordOf(ended);
    expect(record.migrations.map(({ outcome }) => outcome.state)).toEqual(['completed']);
    expect(record.head.hosts[0]?.toolchain.name).toMatch(
      new RegExp(`\\+criu=git:${criu}@${git('rev-parse', 'HEAD')}$`),
    );
    const [report] = record.tail?.sanitizer ?? [];
    expect(report?.summary).toMatch(MISTAKE);
    const failed = record.verdicts.filter(({ state }) => state !== 'pass');
    expect(failed.map(({ check }) => check)).toEqual(['sanitizers']);
    expect(ended.status).toBe(1);
    const directory = join(folder.path, 'httpd', record.head.id);
    expect(readFileSync(join(directory, report?.file as string), 'utf8')).toContain(
      'ERROR: AddressSanitizer',
    );
  });
});
