/**
 * What of Fenzo's AutoScalerTest and ShortfallAutoscalerTest takes offers, queue and scheduler together, through the whole
 * service. All of them, one by one, are in packages/autoscale/test/fenzo-auto-scaler.test.ts and fenzo-shortfall.test.ts.
 */
import { AutoScaler, type PoolRule, whatIfShortfall } from '@stowage/autoscale';
import { describe, expect, test } from 'vitest';
import { offer, placed, serviceWithOffers, tasks } from './set-up.ts';

const RULE: PoolRule = { pool: 'web', minIdle: 5, maxIdle: 10, coolDownMs: 2000 };
const hosts = (count: number, round = 0, asg = 'web') =>
  Array.from({ length: count }, (_, i) =>
    offer(`offer-${i}-of-${round}`, `host-${String(i).padStart(2, '0')}`, { cpu: 4 }, { asg }),
  );

describe('AutoScalerTest', () => {
  test('AutoScalerTest.testScaledDownHostOffer: offers of agents that are to go are given back until their time has passed, and they are not proposed again', () => {
    const { scheduler, service, clock, submit } = serviceWithOffers({
      autoScaler: () => new AutoScaler({ poolAttribute: 'asg', rules: [RULE], disableMs: 20_000 }),
    });
    service.addOffers(hosts(13));
    submit(tasks(1, { cpu: 4 }, 'filler-'));
    service.runCycle();
    clock.advance(3000);
    const [decision] = service.runCycle().scaling!.decisions;
    if (decision.kind !== 'scale-down') throw new Error('grew');
    expect(decision.agents).toEqual(['host-01', 'host-02']);
    for (const agent of decision.agents) scheduler.disableAgent(agent, decision.disableUntilMs);
    const { givenBack } = service.runCycle();
    expect(givenBack.map(({ agent, reason }) => [agent, reason])).toEqual([
      ['host-01', 'disabled'],
      ['host-02', 'disabled'],
    ]);
    expect(service.addOffers(hosts(3, 1).slice(1)).givenBack).toHaveLength(2);
    clock.advance(10_000);
    expect(service.runCycle().scaling!.decisions).toEqual([]);
    submit(tasks(12, { cpu: 4 }));
    const { placements, failures } = service.runCycle();
    expect([placements.length, failures.length]).toEqual([10, 2]);
    expect(placements.filter(({ agent }) => decision.agents.includes(agent))).toEqual([]);
    clock.advance(decision.disableUntilMs - clock.nowMs());
    service.runCycle();
    expect(service.addOffers(hosts(3, 2).slice(1)).givenBack).toEqual([]);
    expect(service.runCycle().placements.map(({ agent }) => agent)).toEqual(decision.agents);
  });
});

describe('ShortfallAutoscalerTest', () => {
  const template = { resources: { cpu: 4 }, attributes: { asg: 'web' } };

  test('ShortfallAutoscalerTest.testShortfallScaleUp1group: 24 tasks of one core that wait call for 6 agents, 12 more for 3; no offer goes back', () => {
    const { service, submit, offers } = serviceWithOffers({
      autoScaler: (scheduler) =>
        new AutoScaler({
          poolAttribute: 'asg',
          rules: [{ ...RULE, minIdle: 0, maxIdle: 0, template }],
          shortfall: whatIfShortfall(scheduler),
        }),
    });
    const grown = (): unknown[] => {
      const { scaling, givenBack } = service.runCycle();
      expect(givenBack).toEqual([]);
      return scaling!.decisions.map((decision) => decision.kind === 'scale-up' && decision.count);
    };
    service.addOffers(hosts(2));
    submit(tasks(32));
    expect(grown()).toEqual([6]);
    service.addOffers(hosts(8, 1).slice(2));
    expect(placed(service.runCycle())).toHaveLength(24);
    submit(tasks(12, { cpu: 1 }, 'new-'));
    expect(grown()).toEqual([3]);
    expect(offers.counts.givenBack).toBe(0);
  });
});
