/**
 * The live page's own process: it reads what the run has left on disk and serves it. It never outlives the run: the end
 * of the channel ends it, and so does the death of the run's process, also while it is stopped for a freeze.
 */
import { setPriority } from 'node:os';
import { nowNews, pageNews, renderLivePage, renderWaitingPage, samplesNews } from '../report/html/live.ts';
import { livePageAssets } from '../store/assets.ts';
import { thawVersion } from '../version.ts';
import { type Following, followRun } from './following.ts';
import { openNews } from './news.ts';
import type { LiveCommand, LiveMessage } from './protocol.ts';
import { serve } from './serve.ts';

const LOOK_EVERY_MS = 1_000;
/** For what was told last to reach a page. */
const GOODBYE_MS = 2_000;
/** Whatever else wants the processor has it first. */
const LOWEST = 19;

const assets = livePageAssets();
const news = openNews();
let following: Following | null = null;
let goesOn = true;
let rests = false;
/** When nothing moved, as far as is known. */
let calmMs = 0;

// Ctrl-C reaches every process of the terminal; it is the run that says when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(1));
setPriority(LOWEST);

const server = await serve({
  page() {
    look();
    const after = news.last();
    return following === null
      ? renderWaitingPage(thawVersion(), after, assets)
      : renderLivePage(
          following.record(),
          following.samples(),
          { goesOn, after, excerpts: following.excerpts() },
          assets,
        );
  },
  listen: news.listen,
});
// One after the other, each to its end.
let work: Promise<void> = Promise.resolve();
process.on('message', (command: LiveCommand) => {
  work = work.then(() => obey(command));
});
setInterval(() => {
  work = work.then(tick);
}, LOOK_EVERY_MS);
say({ type: 'ready', url: server.url });

function say(message: LiveMessage): void {
  process.send?.(message);
}

async function obey(command: LiveCommand): Promise<void> {
  switch (command.command) {
    case 'now':
      news.tellNow('now', nowNews(command.text));
      break;
    case 'rest':
      rests = true;
      break;
    case 'begun':
      following?.close();
      following = await followRun(command.directory, () => performance.now());
      goesOn = true;
      calmMs = 0;
      news.forget();
      break;
    case 'look':
      rests = false;
      calmMs = command.at;
      await tick();
      break;
    case 'ended':
      goesOn = false;
      rests = false;
      await showAll(true);
      break;
    case 'close':
      news.tellNow('end', command.text);
      await news.end(GOODBYE_MS);
      await server.close();
      process.exit(0);
  }
}

/** Samples are always read, so that they never pile up; what they mean is derived only where somebody looks. */
async function tick(): Promise<void> {
  if (rests) return;
  look();
  if (goesOn && news.listeners() > 0) await showAll(false);
}

function look(): void {
  const fresh = following?.fresh() ?? null;
  if (following === null || fresh === null) return;
  news.tell('samples', samplesNews(following.record().head.scenario.migration.path, fresh));
}

async function showAll(ended: boolean): Promise<void> {
  look();
  if (following === null || !(await following.derive(ended ? null : calmMs))) return;
  const standing = { goesOn, excerpts: following.excerpts() };
  news.tellNow('page', pageNews(following.record(), following.counts(), standing, assets));
}
