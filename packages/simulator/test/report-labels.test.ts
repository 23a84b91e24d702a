import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadLabels } from '../src/report/spread-labels.ts';

describe('spreadLabels', () => {
  it('leaves labels alone that do not touch', () => {
    expect(spreadLabels([10, 80, 40], 15, 0, 100)).toEqual([10, 80, 40]);
  });

  it('centres labels that want the same place', () => {
    expect(spreadLabels([50, 50], 10, 0, 100)).toEqual([45, 55]);
  });

  it('keeps labels apart, inside and in order', () => {
    const positions = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(positions, (wanted) => {
        const placed = spreadLabels(wanted, 15, 0, 300);
        const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b] || a - b);
        order.forEach((index, rank) => {
          expect(placed[index]).toBeGreaterThanOrEqual(0);
          expect(placed[index]).toBeLessThanOrEqual(300 + 1e-9);
          if (rank > 0) expect(placed[index] - placed[order[rank - 1]]).toBeGreaterThanOrEqual(15 - 1e-9);
        });
      }),
    );
  });
});
