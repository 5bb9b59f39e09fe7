/** The run's end of its live page: starts its process, stops it for each freeze, and tells it what happens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EnvironmentError, messageOf } from '../errors.ts';
import { COMMAND_ENV } from '../host/local.ts';
import type { Leg } from '../migration/itinerary.ts';
import type { Instant, Phase } from '../model.ts';
import type { Progress } from '../report/progress.ts';
import type { LiveCommand, LiveMessage } from './protocol.ts';

export interface LivePage {
  readonly url: string;
  /** The same progress, which the page shows as well, and whose freezes it keeps. */
  beside(progress: Progress): Progress;
  begun(directory: string): void;
  /** As each phase of a migration begins, also in a freeze: at most a message. */
  onPhase(leg: Leg, phase: Phase): void;
  /** A migration is on disk, and none is under way. */
  look(at: Instant): void;
  /** Its record is on disk: pages that are open show it. */
  ended(): void;
  /** Ends its process; pages that are open say `text`, and keep what they show. Why it had ended before; null: it had not. */
  close(text: string): Promise<string | null>;
}

const READY_LIMIT_MS = 15_000;
const CLOSE_LIMIT_MS = 15_000;

/** EnvironmentError where its process does not come up. One that dies later is no harm to the run. */
export async function openLivePage(): Promise<LivePage> {
  const child = start();
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk).slice(-2_000);
  });
  const url = await ready(child, () => complaint);
  const tell = (command: LiveCommand): void => {
    if (child.connected) child.send(command, () => {});
  };
  // A process that is stopped takes no processor, whatever a browser asks of it.
  const hold = (): void => void child.kill('SIGSTOP');
  const release = (): void => void child.kill('SIGCONT');
  const now = (text: string): void => tell({ command: 'now', text });
  return {
    url,
    beside: (progress) => ({
      ...progress,
      step(text) {
        now(text);
        return progress.step(text);
      },
      status(text) {
        now(text);
        progress.status(text);
      },
      hold() {
        progress.hold();
        hold();
      },
      release() {
        release();
        progress.release();
      },
      end() {
        release();
        progress.end();
      },
    }),
    begun: (directory) => tell({ command: 'begun', directory }),
    onPhase({ number, source, destination }, phase) {
      const what = `migration ${number}, ${source} → ${destination}`;
      if (phase === 'arm') {
        now(`${what}; shown when it is over`);
        tell({ command: 'rest' });
      } else if (phase === 'lazy-pages') now(`${what}: it runs, its memory follows`);
    },
    look(at) {
      now('between migrations');
      tell({ command: 'look', at });
    },
    ended: () => tell({ command: 'ended' }),
    async close(text) {
      release();
      if (child.exitCode !== null || child.signalCode !== null) {
        return complaint.trim() || `exit ${child.exitCode ?? child.signalCode}`;
      }
      const exited = once(child, 'exit');
      tell({ command: 'close', text });
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT_MS);
      const [code, signal] = await exited;
      clearTimeout(timer);
      return code === 0 ? null : complaint.trim() || `exit ${code ?? signal}`;
    },
  };
}

/** Its process dies with this one; where the system cannot promise that, by the end of the channel. */
function start(): ChildProcess {
  const argv = [process.execPath, ...entry()];
  const [file = '', ...args] =
    process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--', ...argv] : argv;
  return spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: COMMAND_ENV });
}

async function ready(child: ChildProcess, complaint: () => string): Promise<string> {
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_LIMIT_MS);
  try {
    return await new Promise<string>((resolve, reject) => {
      child.on('message', (message: LiveMessage) => message.type === 'ready' && resolve(message.url));
      child.on('error', reject);
      child.on('exit', () => reject(new Error(complaint().trim() || 'it ended at once')));
    });
  } catch (error) {
    throw new EnvironmentError(`the live page cannot be served: ${messageOf(error)}`, 'run it without --ui');
  } finally {
    clearTimeout(timer);
  }
}

/** The built process beside this file; from source, with tsx as its loader. */
function entry(): string[] {
  const fromSource = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(fromSource ? 'process.ts' : 'process.js', import.meta.url));
  if (!fromSource) return [file];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, file];
}
