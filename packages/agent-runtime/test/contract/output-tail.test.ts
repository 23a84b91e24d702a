import { expect, test } from 'vitest';
import { OutputTail } from '../../src/contract/output-tail.ts';

test('keeps the last 4 KiB of whatever comes in whatever pieces', () => {
  const tail = new OutputTail();
  expect(tail.text).toBe('');
  tail.add(Buffer.from('first\n'));
  tail.add(Buffer.from('second\n'));
  expect(tail.text).toBe('first\nsecond');
  for (let i = 0; i < 100; i++) tail.add(Buffer.alloc(1_000, 'x'));
  tail.add(Buffer.from('end'));
  expect(tail.text).toBe(`${'x'.repeat(4_093)}end`);
  tail.add(Buffer.alloc(100_000, 'y'));
  expect(tail.text).toBe('y'.repeat(4_096));
});
