import { expect, onTestFinished, test, vi } from 'vitest';
import { changesPeople, Inquiry } from '../../web/inquiry.js';
import { wishOf } from '../../web/typed.js';

function begun(): { inquiry: Inquiry; sent: string[] } {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const sent: string[] = [];
  const inquiry = new Inquiry((line) => sent.push(line));
  inquiry.begin();
  return { inquiry, sent };
}

function typed(inquiry: Inquiry, line: string): void {
  const wish = wishOf(line, '');
  if (wish.do === 'ask') inquiry.typed(wish);
}

test('what the page asked for is not shown, what somebody typed is, in the order of the questions', () => {
  const { inquiry, sent } = begun();
  expect(sent).toEqual(['/help', '/who', '/rooms']);
  for (const line of ['/who', '/rooms', '/help', '/who #ops', '/help join', '/help ,', '/constructor'])
    typed(inquiry, line);
  expect((['people', 'rooms', 'help'] as const).map((answer) => inquiry.answered(answer))).toEqual([
    true,
    true,
    true,
  ]);
  expect((['people', 'rooms', 'help'] as const).map((answer) => inquiry.answered(answer))).toEqual([
    false,
    false,
    false,
  ]);
  expect(inquiry.isOwed).toBe(false);
});

test('it asks again where something may have changed, but not twice in five seconds', () => {
  const { inquiry, sent } = begun();
  sent.length = 0;
  inquiry.attend();
  vi.advanceTimersByTime(6000);
  expect(sent).toEqual([]);
  inquiry.doubt();
  inquiry.attend();
  vi.advanceTimersByTime(0);
  expect(sent).toEqual(['/who', '/rooms']);
  inquiry.doubt();
  inquiry.attend();
  inquiry.attend();
  vi.advanceTimersByTime(4900);
  expect(sent).toHaveLength(2);
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(4);
});

test('it asks nothing while nobody is at the page, whatever changes, so that one who is idle looks idle', () => {
  const { inquiry, sent } = begun();
  sent.length = 0;
  inquiry.doubt();
  vi.advanceTimersByTime(3_600_000);
  expect(sent).toEqual([]);
});

test('it asks nothing where there is no connection', () => {
  const { inquiry, sent } = begun();
  inquiry.doubt();
  inquiry.attend();
  inquiry.end();
  sent.length = 0;
  vi.advanceTimersByTime(10_000);
  inquiry.attend();
  expect([sent, inquiry.isOwed]).toEqual([[], false]);
});

test('comings and goings are news of who is here, and so is a message of somebody unknown', () => {
  const message = { type: 'message', time: '', from: 'Bob', text: '' } as const;
  expect(changesPeople({ type: 'joined', room: '#ops', name: 'bob' }, new Set())).toBe(true);
  expect([changesPeople(message, new Set(['bob'])), changesPeople(message, new Set(['eve']))]).toEqual([
    false,
    true,
  ]);
  expect(changesPeople({ type: 'pong' }, new Set())).toBe(false);
});
