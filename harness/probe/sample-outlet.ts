/** Samples as lines among the probe's messages, for a controller that does not see this machine's files. */
import type { Outlet } from './outlet.ts';
import type { SampleWriter } from './sample-writer.ts';

const SAY_EVERY_MS = 50;

/** Whoever reads keeps them: what was said before a message is kept before that is acted upon. */
export function openSampleOutlet(outlet: Outlet): SampleWriter {
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | null = null;
  const push = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    // The outlet ends what it says with a newline of its own.
    outlet.say(waiting.join('').slice(0, -1));
    waiting = [];
  };
  const flush = async (): Promise<void> => {
    push();
    await outlet.done();
  };
  return {
    write(line) {
      waiting.push(line);
      timer ??= setTimeout(push, SAY_EVERY_MS);
    },
    flush,
    rotate: flush,
    sync: flush,
    close: flush,
  };
}

/** Whether a line is a sample and no message. */
export function isSample(line: string): boolean {
  return line.startsWith('{"n":');
}
