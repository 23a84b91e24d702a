import { describe, expect, it } from 'vitest';
import { RemainingTime } from '../src/remaining-time.ts';

describe('RemainingTime', () => {
  it('knows nothing at the start', () => {
    const remaining = new RemainingTime();
    expect(remaining.estimate({ policy: 'a', share: 0, milliseconds: 5 }, ['a'])).toBeUndefined();
  });

  it('projects the first run onto all others', () => {
    const remaining = new RemainingTime();
    expect(remaining.estimate({ policy: 'a', share: 0.25, milliseconds: 100 }, ['b', 'a'])).toBe(
      300 + 400 + 400,
    );
  });

  it('judges each policy by its own runs and an unknown one by the mean', () => {
    const remaining = new RemainingTime();
    remaining.add('slow', 1000);
    remaining.add('fast', 100);
    remaining.add('fast', 300);
    const left = remaining.estimate({ policy: 'slow', share: 0.5, milliseconds: 1 }, ['fast', 'new']);
    expect(left).toBe(500 + 200 + 600);
  });
});
