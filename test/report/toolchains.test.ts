import { expect, test } from 'vitest';
import { renderBuilt, renderItems, renderRemoved, renderTrials } from '../../harness/report/toolchains.ts';
import { listed, NOW, trial } from './toolchains-fixture.ts';

const style = { width: 80, colour: false };

test('the list tells size, last use, versions, trials, and what is damaged; nothing of it steers a terminal', async () => {
  const text = renderItems(listed(), { ...style, now: NOW });
  await expect(text).toMatchFileSnapshot('../golden/report/toolchains-list.txt');
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).not.toContain('\x1b');
  expect(renderItems([], { ...style, now: NOW })).toBe('The cache is empty.\n');
});

test('a trial tells the versions, why it failed, and what the kernel has', () => {
  const text = renderTrials([{ name: 'debian:trixie', ...trial(false) }], style);
  expect(text).toBe(`  ✗ debian:trixie
    runc 1.3.6, CRIU 4.1.1; fails on this kernel: dump: Error
    (criu/sockets.c:141): sockets: Can't get 1:16 opt
      mem_dirty_track  no
      uffd-noncoop     yes
`);
});

test('what was built is told with its place', () => {
  const built = { asked: 'x', name: 'debian:forky+criu=/x', root: '/c/roots/f/root', binaries: '/c/parts/1' };
  expect(renderBuilt([built, { ...built, root: null }], style)).toBe(`  ✓ debian:forky+criu=/x
    root      /c/roots/f/root
    binaries  /c/parts/1
  ✓ debian:forky+criu=/x
    binaries  /c/parts/1
`);
});

test('what is in use by a run is not removed, and that is told', () => {
  const [used, removed] = listed() as [ReturnType<typeof listed>[0], ReturnType<typeof listed>[0]];
  expect(
    renderRemoved({ removed: [removed], inUse: [used] }, style),
  ).toBe(`  removed  240 MiB  toolchain debian:trixie
  in use   240 MiB  toolchain debian:forky
What is in use belongs to a run that goes on: remove it afterwards.
`);
  expect(renderRemoved({ removed: [], inUse: [] }, style)).toBe('There was nothing to remove.\n');
});
