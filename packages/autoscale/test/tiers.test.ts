/** Guaranteed capacity as sizes of pools, and the presets of the two tiers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AutoScaler,
  type CapacityGuarantee,
  criticalTier,
  flexiblePool,
  guaranteedSizes,
} from '../src/index.ts';

const TEMPLATE = { resources: { cpu: 64, memory: 256_000 } };
const web: CapacityGuarantee = { group: 'web', resources: { cpu: 4, memory: 8000 }, count: 100 };

describe('guaranteedSizes', () => {
  test('sums guarantees with a buffer of 5 %, by the scarcest resource', () => {
    expect(guaranteedSizes([{ pool: 'p', template: TEMPLATE }], [web])).toEqual({
      sizes: [{ pool: 'p', minSize: 7 }],
      shortage: {},
    });
    const memory: CapacityGuarantee = { group: 'cache', resources: { memory: 256_000 }, count: 20 };
    expect(guaranteedSizes([{ pool: 'p', template: TEMPLATE }], [web, memory]).sizes).toEqual([
      { pool: 'p', minSize: 25 },
    ]);
  });

  test('headroom is a share, an amount, or both', () => {
    const size = (headroom: Parameters<typeof guaranteedSizes>[2]): number =>
      guaranteedSizes(
        [{ pool: 'p', template: { resources: { cpu: 1 } } }],
        [{ group: 'g', resources: { cpu: 100 } }],
        headroom,
      ).sizes[0].minSize;
    expect(size({})).toBe(100);
    expect(size({ share: 0.05 })).toBe(105);
    expect(size({ share: 0.1 })).toBe(110);
    expect(size({ amount: { cpu: 2.5 } })).toBe(103);
    expect(size({ share: 0.5, amount: { cpu: 2 } })).toBe(152);
  });

  test('7 % of 100 units are 7, although 100 times 0.07 is a little more in doubles', () => {
    const pool = { pool: 'p', template: { resources: { cpu: 0.107 } } };
    const guarantee = { group: 'g', resources: { cpu: 0.1 } };
    expect(100 * 0.07).toBeGreaterThan(7);
    expect(guaranteedSizes([pool], [guarantee], { share: 0.07 }).sizes).toEqual([{ pool: 'p', minSize: 1 }]);
  });

  test('counts what may be booked on agents, and guarantees as they are', () => {
    const resources = [{ name: 'cpu', overcommit: 2 }];
    const guarantee = { group: 'g', resources: { cpu: 10 } };
    const pool = { pool: 'p', template: { resources: { cpu: 1 } } };
    expect(guaranteedSizes([pool], [guarantee], {}, resources).sizes).toEqual([{ pool: 'p', minSize: 5 }]);
  });

  test('fills pools in order up to maxSize and tells what is missing', () => {
    const gpu: CapacityGuarantee = { group: 'ml', resources: { gpu: 3, cpu: 1 } };
    const pools = [
      { pool: 'a', template: TEMPLATE, maxSize: 2 },
      { pool: 'b', template: { resources: { cpu: 32, memory: 128_000 } }, maxSize: 5 },
    ];
    expect(guaranteedSizes(pools, [web, gpu], {})).toEqual({
      sizes: [
        { pool: 'a', minSize: 2 },
        { pool: 'b', minSize: 5 },
      ],
      shortage: { cpu: 400 + 1 - 2 * 64 - 5 * 32, gpu: 3 },
    });
    expect(guaranteedSizes([], [], {})).toEqual({ sizes: [], shortage: {} });
  });

  test('pools hold what is guaranteed, and one agent less would not', () => {
    const milli = fc.integer({ min: 1, max: 50_000 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ cpu: milli, memory: milli, count: fc.nat(9) }), { maxLength: 6 }),
        fc.record({ cpu: milli, memory: milli }),
        fc.nat(100),
        (groups, agent, percent) => {
          const guarantees = groups.map(({ cpu, memory, count }, i) => ({
            group: `${i}`,
            resources: { cpu: cpu / 1000, memory },
            count,
          }));
          const template = { resources: { cpu: agent.cpu / 1000, memory: agent.memory } };
          const { sizes, shortage } = guaranteedSizes([{ pool: 'p', template }], guarantees, {
            share: percent / 100,
          });
          const [{ minSize }] = sizes;
          expect(shortage).toEqual({});
          const hundredfold = (name: 'cpu' | 'memory'): number =>
            groups.reduce((sum, group) => sum + group[name] * group.count, 0) * (100 + percent);
          const holds = (size: number): boolean =>
            (['cpu', 'memory'] as const).every((name) => size * agent[name] * 100 >= hundredfold(name));
          expect(holds(minSize)).toBe(true);
          expect(minSize === 0 || !holds(minSize - 1)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('tiers', () => {
  test('the critical tier keeps its pools as large as guaranteed, and grows them to it', () => {
    const { rules, shortage } = criticalTier([{ pool: 'critical', template: TEMPLATE, maxSize: 50 }], [web]);
    expect(shortage).toEqual({});
    expect(rules).toMatchObject([
      {
        pool: 'critical',
        minIdle: 0,
        maxIdle: 5,
        minSize: 7,
        maxSize: 50,
        coolDownMs: 600_000,
        idleGraceMs: 900_000,
      },
    ]);
    const scaler = new AutoScaler({ rules, initialDelayMs: 0 });
    const agents = Array.from({ length: 3 }, (_, i) => ({ id: `${i}`, pool: 'critical', idle: true }));
    scaler.evaluate({ agents }, 0);
    expect(scaler.evaluate({ agents }, 1).decisions).toMatchObject([{ kind: 'scale-up', count: 4 }]);
  });

  test('a rule of its own goes before the preset, the greater minSize counts', () => {
    const pool = { pool: 'critical', template: TEMPLATE, minIdle: 1, minSize: 9 };
    expect(criticalTier([pool], [web]).rules).toMatchObject([{ minIdle: 1, minSize: 9 }]);
    expect(criticalTier([pool], [web], { headroom: { share: 1 } }).rules).toMatchObject([{ minSize: 13 }]);
  });

  test('the flexible tier keeps five to ten agents idle', () => {
    expect(flexiblePool({ pool: 'flexible', maxSize: 100 })).toMatchObject({
      pool: 'flexible',
      minIdle: 5,
      maxIdle: 10,
      minSize: 0,
      maxSize: 100,
      coolDownMs: 600_000,
      idleGraceMs: 900_000,
    });
  });
});
