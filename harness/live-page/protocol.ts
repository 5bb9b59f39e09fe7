/** What a run tells the process of its live page, and what that says. */

import type { Instant } from '../model.ts';

export type LiveCommand =
  /** What happens now, as text. */
  | { command: 'now'; text: string }
  /** A migration begins: until it is on disk, nothing is read and nothing but `now` is told. */
  | { command: 'rest' }
  /** There is a run directory; what was shown before is over. */
  | { command: 'begun'; directory: string }
  /** The migration is on disk, and at this instant none was under way. */
  | { command: 'look'; at: Instant }
  /** The run directory is closed, and its record is in it. */
  | { command: 'ended' }
  /** Nothing comes any more: whoever looks is told so, and then the process ends. */
  | { command: 'close'; text: string };

export type LiveMessage = { type: 'ready'; url: string };
