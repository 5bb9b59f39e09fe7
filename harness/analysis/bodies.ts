/** Whether each host serves the same bytes in all of its answers; pure fold over the answers. */
import type { AnsweredSample, HostName } from '../model.ts';

/** Answers whose bodies differ from what their host serves most often with that status. */
export interface Bodies {
  /** Answers whose bytes are known. */
  answers: number;
  unknown: number;
  differing: number;
  /** The first of them. */
  first: (Body & { n: number; host: HostName; of: Body }) | null;
}

interface Body {
  bytes: number;
  checksum: number;
}

interface Kind {
  answers: number;
  first: AnsweredSample & { checksum: number };
}

export function bodies(): { add(sample: AnsweredSample): void; told(): Bodies } {
  /** By host and status, and there by checksum and length. */
  const served = new Map<string, Map<string, Kind>>();
  let answers = 0;
  let unknown = 0;
  return {
    add(sample) {
      const { host, status, checksum, counted, bytes } = sample;
      if (checksum === undefined) {
        unknown++;
        return;
      }
      answers++;
      const key = `${status} ${host}`;
      const kinds = served.get(key) ?? new Map<string, Kind>();
      served.set(key, kinds);
      // What a counter says of its memory is longer from time to time, and no part of the checksum.
      const body = counted === undefined ? `${checksum} ${bytes}` : String(checksum);
      const kind = kinds.get(body);
      if (kind === undefined) kinds.set(body, { answers: 1, first: { ...sample, checksum } });
      else kind.answers++;
    },
    told() {
      const others = [...served.values()].flatMap((kinds) => {
        const [most, ...rest] = [...kinds.values()].sort((a, b) => b.answers - a.answers);
        return rest.map((kind) => ({ ...kind, of: bodyOf(most as Kind) }));
      });
      const [first] = [...others].sort((a, b) => a.first.n - b.first.n);
      return {
        answers,
        unknown,
        differing: others.reduce((sum, kind) => sum + kind.answers, 0),
        first: first ? { n: first.first.n, host: first.first.host, ...bodyOf(first), of: first.of } : null,
      };
    },
  };
}

function bodyOf({ first: { bytes, checksum } }: Kind): Body {
  return { bytes, checksum };
}
