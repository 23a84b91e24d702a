/** What Fenzo's tests of resource allocations per task group assert. Where this differs, the title says so. */
import { describe, expect, it } from 'vitest';
import { GroupLimits, TieredQueue } from '../src/index.ts';
import { cluster, enqueue, launch, run } from './helpers.ts';

/** Places tasks of one core as groups and agents allow. */
function place(limits: GroupLimits, group: string, count: number, scheduler = cluster(10)): string[] {
  return Array.from({ length: count }, (_, i) => {
    const refusal = limits.refusal(group, { cpu: 1 });
    if (refusal !== undefined) return refusal.code;
    const { placements } = scheduler.schedule([{ id: `${group}-${i}`, resources: { cpu: 1 } }]);
    if (placements.length === 0) return 'no agent';
    limits.take(group, { cpu: 1 });
    return 'placed';
  });
}

describe('ResAllocsTests', () => {
  it('ResAllocsTests.testNoResAllocsMeansUnlimited', () => {
    expect(place(new GroupLimits(), 'app', 5)).toEqual(Array(5).fill('placed'));
  });

  it('ResAllocsTests.testSingleAppRsv: a limit of 4 cores places 4 of 5 and reports the fifth', () => {
    const limits = new GroupLimits({ limits: { app: { cpu: 4 } } });
    expect(place(limits, 'app', 5)).toEqual([...Array<string>(4).fill('placed'), 'ABOVE_GROUP_LIMIT']);
    expect(limits.refusal('app', { cpu: 1 })?.reason).toBe(
      'ABOVE_GROUP_LIMIT: group "app" may use 4 cores of cpu; 4 cores of cpu are in use and the task asks for 1 cores of cpu.',
    );
  });

  it('ResAllocsTests.testTwoAppRsv: limits of 4 and 8 hold side by side', () => {
    const limits = new GroupLimits({ limits: { one: { cpu: 4 }, two: { cpu: 8 } } });
    const placed = (group: string): number =>
      place(limits, group, 10).filter((one) => one === 'placed').length;
    expect([placed('one'), placed('two')]).toEqual([4, 8]);
  });

  it('ResAllocsTests.testScaleUpForRsv: what a limit refuses never reaches the agents, so nothing scales up for it', () => {
    const limits = new GroupLimits({ limits: { limited: { cpu: 2 }, free: { cpu: 100 } } });
    const scheduler = cluster(1);
    expect(place(limits, 'limited', 3, scheduler)).toEqual(['placed', 'placed', 'ABOVE_GROUP_LIMIT']);
    expect(place(limits, 'free', 3, scheduler)).toEqual(['placed', 'placed', 'no agent']);
  });

  it('ResAllocsTests.testResAllocsModification: raising the limit admits the next task', () => {
    const limits = new GroupLimits({ limits: { app: { cpu: 4 } } });
    place(limits, 'app', 4);
    expect(limits.admits('app', { cpu: 1 })).toBe(false);
    limits.setLimit('app', { cpu: 5 });
    expect(limits.admits('app', { cpu: 1 })).toBe(true);
  });

  it('ResAllocsTests.testAbsentResAllocs: while groups have limits, one without is refused', () => {
    const limits = new GroupLimits({ limits: { app: { cpu: 4 } } });
    expect(place(limits, 'other', 2)).toEqual(['GROUP_WITHOUT_LIMIT', 'GROUP_WITHOUT_LIMIT']);
  });

  it('ResAllocsTests.testAddingNewResAllocs: then a limit for it admits it', () => {
    const limits = new GroupLimits({ limits: { app: { cpu: 4 } } });
    limits.setLimit('other', { cpu: 1 });
    expect(place(limits, 'other', 2)).toEqual(['placed', 'ABOVE_GROUP_LIMIT']);
  });
});

describe('ResAllocsUtilTest', () => {
  const both = { cpu: 1.5, memory: 100 };
  const queue = (): TieredQueue => new TieredQueue({ tiers: 1 });

  it('ResAllocsUtilTest.testAdd: add', () => {
    const q = queue();
    launch(q, 'A', 3, both);
    expect(q.status(0).used).toEqual({ cpu: 4.5, memory: 300 });
  });

  it('ResAllocsUtilTest.testSubtract: subtract', () => {
    const q = queue();
    launch(q, 'A', 3, both);
    q.remove('A-run2');
    expect(q.status(0).used).toEqual({ cpu: 3, memory: 200 });
  });

  it('ResAllocsUtilTest.testCeilingOf: ceilingOf, the greater per resource', () => {
    const q = queue();
    q.setTier(0, { capacity: { cpu: 100 }, buckets: { A: { guarantee: { cpu: 1, memory: 500 } } } });
    launch(q, 'A', 1, { cpu: 3, memory: 100 });
    expect(q.status(0).reserved).toEqual({ cpu: 3, memory: 500 });
  });

  it('ResAllocsUtilTest.testIsBounded: isBounded, inclusive', () => {
    const q = queue();
    q.setTier(0, { buckets: { A: { limit: { cpu: 2 } } } });
    enqueue(q, 'A', 3);
    expect(run(q)).toMatchObject({ placed: 2, refusals: ['A3: ABOVE_LIMIT'] });
  });

  it('ResAllocsUtilTest.testToResAllocs: toResAllocs({}) is empty', () => {
    const q = queue();
    q.setTier(0, { capacity: {}, buckets: { A: { guarantee: {}, limit: {} } } });
    expect(q.status(0)).toMatchObject({ used: {}, capacity: undefined, reserved: {} });
    expect(q.status(0).buckets).toMatchObject([{ guarantee: {}, limit: {} }]);
  });
});
