import { titusFitness } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import { BurstCluster } from '../src/quality/failover-burst/burst-cluster.ts';
import { failoverBurst } from '../src/quality/failover-burst/failover-burst.ts';
import { normalOperation } from '../src/quality/failover-burst/normal-operation.ts';
import { type Service, serviceFleet } from '../src/service-fleet.ts';
import { holds } from '../src/quality/suite.ts';
import { SeededRandom } from '../src/seeded-random.ts';
import { finished } from './finished.ts';

const SERVICE: Service = {
  name: 'web',
  cpu: 1,
  memoryMiB: 1024,
  network: 1,
  securityGroup: 'sg-1',
  tasks: 0,
  burst: 0,
};

describe('a fleet', () => {
  test('sums up to what is asked for, largest services first', () => {
    const size = { services: 37, securityGroups: 5, tasks: 1_000, burst: 333 };
    const fleet = serviceFleet(size, new SeededRandom(1));
    expect(fleet.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(1_000);
    expect(fleet.reduce((sum, { burst }) => sum + burst, 0)).toBe(333);
    expect(fleet[0].tasks).toBeGreaterThan(fleet[1].tasks);
    expect(fleet.every(({ tasks, burst }) => tasks >= 0 && burst >= 0)).toBe(true);
    expect(serviceFleet(size, new SeededRandom(1))).toEqual(fleet);
  });
});

describe('a launch', () => {
  test('pulls an image once per agent and sets an interface up once per security group', () => {
    const cluster = new BurstCluster(1, titusFitness());
    const web = cluster.define(SERVICE, 1);
    cluster.launch(SERVICE, web);
    cluster.launch(SERVICE, web);
    expect(cluster.takeCosts()).toMatchObject({ launched: 2, imagesPulled: 1, interfacesSetUp: 1 });
    cluster.launch(SERVICE, cluster.define(SERVICE, 2));
    const other = { ...SERVICE, securityGroup: 'sg-2' };
    cluster.launch(other, cluster.define(other, 2));
    expect(cluster.takeCosts()).toMatchObject({ launched: 2, imagesPulled: 1, interfacesSetUp: 1 });
  });

  test('re-binds an idle interface when all are set up for others, and is refused when none is idle', () => {
    const cluster = new BurstCluster(1, titusFitness());
    const inGroup = (group: number): Service => ({ ...SERVICE, securityGroup: `sg-${group}` });
    const launch = (group: number): number =>
      cluster.launch(inGroup(group), cluster.define(inGroup(group), 1));
    const handles = [1, 2, 3, 4, 5, 6, 7].map(launch);
    expect(launch(8)).toBe(-1);
    cluster.engine.release(handles[2]);
    expect(launch(8)).toBeGreaterThanOrEqual(0);
    expect(cluster.costs).toMatchObject({
      launched: 8,
      refused: 1,
      interfacesSetUp: 7,
      interfacesRebound: 1,
    });
  });

  test('normal operation leaves every service with all of its tasks, in its second version', () => {
    const random = new SeededRandom(3);
    const fleet = serviceFleet({ services: 12, securityGroups: 4, tasks: 120, burst: 0 }, random);
    const cluster = new BurstCluster(40, titusFitness());
    const running = finished(normalOperation(cluster, fleet, random));
    expect(running.map(({ handles }) => handles.length)).toEqual(fleet.map(({ tasks }) => tasks));
    expect(cluster.engine.taskCount).toBe(120);
    expect(cluster.engine.verify()).toEqual([]);
    // Every agent that runs a version has pulled it, and the first version besides.
    const pairs = running.flatMap(({ handles, service }) =>
      handles.map((handle) => `${service.name} ${cluster.engine.agentOf(handle)}`),
    );
    expect(cluster.costs.imagesPulled).toBeGreaterThanOrEqual(new Set(pairs).size);
    expect(cluster.costs.launched).toBe(240);
  });
});

test('the suite, in small: packing pulls and sets up less than spreading', () => {
  const { checks, measures, plots } = finished(failoverBurst.run({ data: '', smoke: true }));
  expect(checks.filter((check) => !holds(check))).toEqual([]);
  const placed = measures.filter((measure) => measure.case === 'containers placed');
  expect(placed.map(({ value }) => value)).toEqual([750, 750, 750]);
  expect(plots[0].series.map(({ points }) => points.at(-1)?.[0])).toEqual([750, 750, 750]);
});
