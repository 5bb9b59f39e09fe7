import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openNews } from '../../harness/live-page/news.ts';

/** A page that listens: what it was told, event by event. */
function reader() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  const told = () =>
    text
      .split('\n\n')
      .filter(Boolean)
      .map((event) => event.replaceAll(/^(id|event|data): /gm, '').replaceAll('\n', ' '));
  return { response: stream as unknown as ServerResponse, told, stream };
}

test('whoever listens gets all that is told, and who comes later what it has not got', () => {
  const news = openNews();
  const first = reader();
  news.listen(first.response, news.last());
  news.tell('samples', [1]);
  const had = news.last();
  news.tell('samples', ['a\nb']);
  const later = reader();
  news.listen(later.response, had);
  expect(first.told()).toEqual([': ', '1.1 samples [1]', '1.2 samples ["a\\nb"]']);
  expect(later.told()).toEqual(['1.2 samples ["a\\nb"]']);
});

test('of what holds now, who comes later gets the last', () => {
  const news = openNews();
  news.tellNow('now', 'one');
  news.tellNow('now', 'two');
  news.tell('samples', [1]);
  const later = reader();
  news.listen(later.response, '1.0');
  expect(later.told()).toEqual(['now "two"', '1.1 samples [1]']);
});

test('who has news of before, or cannot have what lies between, must fetch the page anew', () => {
  const news = openNews();
  const open = reader();
  news.listen(open.response, news.last());
  news.tell('samples', [1]);
  news.forget();
  expect(open.told().at(-1)).toBe('reload null');
  news.tell('samples', [2]);
  for (const after of ['1.1', '2.7', '', 'nonsense']) {
    const other = reader();
    news.listen(other.response, after);
    expect([after, other.told()]).toEqual([after, ['reload null']]);
  }
});

test('what is kept for others does not grow without end', () => {
  const news = openNews();
  for (let i = 0; i < 20; i++) news.tell('samples', 'x'.repeat(1024 * 1024));
  const early = reader();
  news.listen(early.response, '1.0');
  expect(early.told()).toEqual(['reload null']);
  const late = reader();
  news.listen(late.response, '1.15');
  expect(late.told().length).toBe(5);
});

test('at the end, what was told leaves before the connection goes', async () => {
  const news = openNews();
  const open = reader();
  news.listen(open.response, news.last());
  news.tellNow('end', 'over');
  await news.end(1_000);
  expect([open.told().at(-1), open.stream.writableFinished]).toEqual(['end "over"', true]);
});
