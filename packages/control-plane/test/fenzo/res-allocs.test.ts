/**
 * Fenzo's ResAllocsTests through the whole service: limits of groups, with an auto-scaler that must not grow for what a
 * limit refuses. The limits alone are tested in packages/queues/test/fenzo-res-allocs.test.ts.
 */
import { AutoScaler } from '@stowage/autoscale';
import { ResourceSchema } from '@stowage/core';
import { GroupLimits } from '@stowage/queues';
import { describe, expect, test } from 'vitest';
import type { CycleResult } from '../../src/index.ts';
import { offer, placed, RESOURCES, serviceWithOffers, type ServiceParts, tasks } from './set-up.ts';

const schema = new ResourceSchema(RESOURCES);

function limited(limits: Readonly<Record<string, { cpu: number }>>, options: ServiceParts = {}) {
  const groups = new GroupLimits({ schema, limits });
  return { groups, ...serviceWithOffers({ limits: groups, ...options }) };
}

const refusals = ({ failures }: CycleResult): string[] =>
  failures.map(({ kind, reason }) => `${kind}: ${reason.split(':')[0]}`);

const ABOVE = 'above-capacity-limit: ABOVE_GROUP_LIMIT';

describe('ResAllocsTests', () => {
  test('ResAllocsTests.testNoResAllocsMeansUnlimited: without any limit every group is placed', () => {
    const { service, submit } = limited({});
    service.addOffers([offer('offer-1', 'host', { cpu: 8 })]);
    submit(tasks(5));
    expect(placed(service.runCycle())).toHaveLength(5);
  });

  test('ResAllocsTests.testSingleAppRsv: a limit of four cores places four of five, the fifth fails for the limit', () => {
    const { service, submit } = limited({ web: { cpu: 4 } });
    service.addOffers([offer('offer-1', 'host', { cpu: 8 })]);
    submit(tasks(5));
    const result = service.runCycle();
    expect([placed(result).length, refusals(result)]).toEqual([4, [ABOVE]]);
  });

  test('ResAllocsTests.testTwoAppRsv: limits of four and eight cores hold side by side', () => {
    const { service, submit, groups } = limited({ one: { cpu: 4 }, two: { cpu: 8 } });
    service.addOffers([offer('offer-1', 'host', { cpu: 20 })]);
    submit(tasks(10, { cpu: 1 }, 'one-'), 'one');
    submit(tasks(10, { cpu: 1 }, 'two-'), 'two');
    const result = service.runCycle();
    expect([groups.used('one'), groups.used('two')]).toEqual([{ cpu: 4 }, { cpu: 8 }]);
    expect(refusals(result)).toEqual(Array(8).fill(ABOVE));
  });

  test('ResAllocsTests.testScaleUpForRsv: the pool grows for a group that lacks agents, not for one at its limit', () => {
    const rules = [{ pool: 'any', minIdle: 0, maxIdle: 0, coolDownMs: 1000 }];
    const { service, submit } = limited(
      { small: { cpu: 1 }, large: { cpu: 100 } },
      { autoScaler: () => new AutoScaler({ poolAttribute: 'asg', rules }) },
    );
    service.addOffers([offer('offer-1', 'host', { cpu: 2 }, { asg: 'any' })]);
    submit(tasks(4, { cpu: 1 }, 'small-'), 'small');
    const first = service.runCycle();
    expect([placed(first).length, first.scaling!.decisions]).toEqual([1, []]);
    submit(tasks(3, { cpu: 1 }, 'large-'), 'large');
    const { decisions, counted } = service.runCycle().scaling!;
    expect(decisions).toMatchObject([{ kind: 'scale-up', count: 3 }]);
    expect(counted).toEqual(['large-0', 'large-1', 'large-2']);
  });

  test('ResAllocsTests.testResAllocsModification: a limit that is raised admits what waits', () => {
    const { service, submit, groups } = limited({ web: { cpu: 4 } });
    service.addOffers([offer('offer-1', 'host', { cpu: 8 })]);
    submit(tasks(5));
    service.runCycle();
    service.addOffers([offer('rest', 'host', { cpu: 4 })]);
    expect(refusals(service.runCycle())).toEqual([ABOVE]);
    groups.setLimit('web', { cpu: 5 });
    expect(placed(service.runCycle())).toEqual(['task-4']);
  });

  test('ResAllocsTests.testAbsentResAllocs: while other groups have limits, a group without one is refused', () => {
    const { service, submit } = limited({ web: { cpu: 4 } });
    service.addOffers([offer('offer-1', 'host', { cpu: 8 })]);
    submit(tasks(2), 'unknown');
    const refused = 'above-capacity-limit: GROUP_WITHOUT_LIMIT';
    expect(refusals(service.runCycle())).toEqual([refused, refused]);
  });

  test('ResAllocsTests.testAddingNewResAllocs: and admitted once it has one', () => {
    const { service, submit, groups } = limited({ web: { cpu: 4 } });
    service.addOffers([offer('offer-1', 'host', { cpu: 8 })]);
    submit(tasks(2), 'new');
    expect(placed(service.runCycle())).toEqual([]);
    groups.setLimit('new', { cpu: 1 });
    expect(placed(service.runCycle())).toEqual(['task-0']);
  });
});
