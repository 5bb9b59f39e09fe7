/** Undo beside do: clean-ups are registered when something is made and run in reverse, whatever happens. */
import { messageOf } from './errors.ts';

export interface Scope {
  /** Registers the undo of something that was just done. */
  defer(label: string, undo: () => Promise<void> | void): void;
  /** Runs all undos, last first, each even where another failed; returns what went wrong. */
  close(): Promise<{ label: string; error: string }[]>;
}

export function openScope(): Scope {
  const undos: { label: string; undo: () => Promise<void> | void }[] = [];
  return {
    defer: (label, undo) => void undos.push({ label, undo }),
    async close() {
      const failures: { label: string; error: string }[] = [];
      for (let next = undos.pop(); next !== undefined; next = undos.pop()) {
        try {
          await next.undo();
        } catch (error) {
          failures.push({ label: next.label, error: messageOf(error) });
        }
      }
      return failures;
    },
  };
}
