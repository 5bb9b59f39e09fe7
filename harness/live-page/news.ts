/** News for pages: kept for a while, so that a page gets each once, also one that was away. Server-sent events. */
import type { ServerResponse } from 'node:http';

/** More than this may be kept for who was away; and who does not read is cut off. */
const KEPT_AT_MOST = 16 * 1024 * 1024;

export interface News {
  /** Name of the last that was told, as a page has it in `after`. */
  last(): string;
  /** To all that listen, and to who comes later with an older `after`. */
  tell(event: string, data: unknown): void;
  /** To all that listen; who comes later gets only the last of its name. */
  tellNow(event: string, data: unknown): void;
  listen(response: ServerResponse, after: string): void;
  listeners(): number;
  /** What came before is over: whoever has it must fetch the page anew. */
  forget(): void;
  /** When all that was told has left, or after the limit. */
  end(limitMs: number): Promise<void>;
}

export function openNews(): News {
  const readers = new Set<ServerResponse>();
  const kept: { number: number; text: string }[] = [];
  const current = new Map<string, string>();
  let era = 1;
  let number = 0;
  let bytes = 0;
  const send = (reader: ServerResponse, text: string): void => {
    // The browser comes again, with what it has got by then.
    if (reader.writableLength > KEPT_AT_MOST) reader.destroy();
    else reader.write(text);
  };
  const last = (): string => `${era}.${number}`;
  return {
    last,
    tell(event, data) {
      number++;
      const text = `id: ${last()}\n${eventText(event, data)}`;
      kept.push({ number, text });
      bytes += text.length;
      while (bytes > KEPT_AT_MOST) bytes -= kept.shift()?.text.length ?? bytes;
      for (const reader of readers) send(reader, text);
    },
    tellNow(event, data) {
      const text = eventText(event, data);
      current.set(event, text);
      for (const reader of readers) send(reader, text);
    },
    listen(response, after) {
      const [itsEra, itsNumber] = after.split('.').map(Number);
      const missed = kept.filter((one) => one.number > (itsNumber ?? 0));
      if (itsEra !== era || (itsNumber ?? 0) + missed.length !== number) {
        response.end(eventText('reload', null));
        return;
      }
      readers.add(response);
      response.on('close', () => readers.delete(response));
      for (const text of [...current.values(), ...missed.map((one) => one.text)]) send(response, text);
      // A connection that says nothing at all looks as if nobody were there.
      if (current.size + missed.length === 0) response.write(': \n\n');
    },
    listeners: () => readers.size,
    forget() {
      era++;
      [number, bytes, kept.length] = [0, 0, 0];
      current.clear();
      for (const reader of readers) reader.end(eventText('reload', null));
      readers.clear();
    },
    async end(limitMs) {
      const gone = [...readers].map(
        (reader) => new Promise<void>((resolve) => void reader.on('close', resolve).end()),
      );
      await Promise.race([Promise.all(gone), new Promise((resolve) => setTimeout(resolve, limitMs).unref())]);
    },
  };
}

/** JSON has no line ends of its own, so it is one line of data. */
function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
