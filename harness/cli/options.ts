/** Words of the command line → values; what is wrong with them is said by commander, with the option's name. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CAPTURE_KINDS } from '../fault.ts';
import { RUN_LENGTH } from '../scenario/leaves.ts';

/** The options that become `Overrides`: what a command line changes in scenarios. */
export function changingScenarios(command: Command): Command {
  return command
    .option('--toolchain <t>', 'auto, host, debian:SUITE or path:DIR; or HOST=T,HOST=T', toolchains)
    .option(
      '--runc <from>',
      'runc of all hosts: a file of your own, host, debian:SUITE, git:REPOSITORY@REVISION, or https://URL#sha256=HEX',
    )
    .option('--crun <from>', 'crun, likewise')
    .option('--criu <from>', 'CRIU, likewise')
    .addOption(new Option('--runtime <r>', 'container runtime on all hosts').choices(['runc', 'crun']))
    .option('--testbed <t>', 'netns, vagrant, or ssh:FILE with an inventory')
    .addOption(captureOption('what to capture of each migration, which disturbs it'))
    .option('--count <n>', 'measured migrations of each run', wholeNumber(1))
    .option('--for <time>', 'for so long, such as 90s, 30m or 8h; with --count, at most so many', runLength)
    .option('--warm-up <n>', 'migrations before them, left out of figures', wholeNumber(0))
    .option('--rate <n>', 'requests a second of the probe', wholeNumber(1))
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0))
    .option('--no-limits', 'without the checks of durations, for a slow machine');
}

export function captureOption(description: string): Option {
  return new Option('--capture <kind...>', description).choices(CAPTURE_KINDS);
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** `90s`, `30m`, `8h` → milliseconds. */
function runLength(text: string): number {
  const parsed = RUN_LENGTH.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message}.`);
}

/** `T` for all hosts, or `rhel01=T,rhel02=T`. */
export function toolchains(text: string): string | Record<string, string> {
  if (!/^[\w.-]+=/.test(text)) return text;
  const pairs = text.split(',').map((pair) => /^([\w.-]+)=(.+)$/.exec(pair));
  const entries = pairs.map((pair) => {
    if (pair?.[1] === undefined || pair[2] === undefined) {
      throw new InvalidArgumentError('It must be a toolchain, or HOST=TOOLCHAIN,HOST=TOOLCHAIN.');
    }
    return [pair[1], pair[2]] as const;
  });
  const hosts = new Set(entries.map(([host]) => host));
  if (hosts.size < entries.length) throw new InvalidArgumentError('Each host can be named once.');
  return Object.fromEntries(entries);
}

/** `5%` → 0.05. The sign is asked for, because 0.05 could mean either. */
export function percentage(text: string): number {
  if (!/^\d+(\.\d+)?\s?%$/.test(text)) throw new InvalidArgumentError('It must be a percentage, such as 5%.');
  return Number.parseFloat(text) / 100;
}

export function probability(text: string): number {
  const value = Number(text);
  if (/^0?\.\d+$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It must be a probability, such as 0.05.');
}
