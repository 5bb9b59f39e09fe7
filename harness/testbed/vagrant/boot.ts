/**
 * How long a machine may boot, by what Vagrant tells of it. Vagrant's own limit begins only once a machine has an
 * address; with libvirt one that never gets one would be waited for much longer (wait_till_up.rb: 300 tries).
 */
import { EnvironmentError } from '../../errors.ts';
import type { Report } from './cli.ts';

export interface BootWatch {
  /** Gets all that Vagrant reports. */
  see(report: Report): void;
  /** Aborted with an EnvironmentError when a machine is late. */
  signal: AbortSignal;
  /** The machines that have not booted yet. */
  booting(): string[];
  end(): void;
}

// In the words of vagrant and vagrant-libvirt; VirtualBox says the second of them only.
const BEGINS = /Waiting for domain to get an IP address|Waiting for machine to boot/;
const ENDS = /Machine booted and ready/;

/** Each machine has `limitMs` from where Vagrant begins to wait for it. */
export function bootWatch(limitMs: number): BootWatch {
  const late = new AbortController();
  const booting = new Map<string, NodeJS.Timeout>();
  return {
    signal: late.signal,
    see({ target, type, data }) {
      if (type !== 'ui' || target === '') return;
      const text = data.at(-1) ?? '';
      if (ENDS.test(text)) {
        clearTimeout(booting.get(target));
        booting.delete(target);
      }
      if (!BEGINS.test(text) || booting.has(target)) return;
      booting.set(
        target,
        setTimeout(() => late.abort(didNotBoot(target, limitMs)), limitMs),
      );
    },
    booting: () => [...booting.keys()],
    end() {
      for (const timer of booting.values()) clearTimeout(timer);
    },
  };
}

function didNotBoot(name: string, limitMs: number): EnvironmentError {
  return new EnvironmentError(
    `${name} did not boot within ${limitMs / 1_000} s`,
    'look at the console of the machine, shown above; a slow one needs more: THAW_VAGRANT_BOOT_TIMEOUT=600 (seconds); one without KVM needs THAW_VAGRANT_DRIVER=qemu',
  );
}
