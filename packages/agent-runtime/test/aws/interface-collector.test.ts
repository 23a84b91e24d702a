import { describe, expect, it } from 'vitest';
import { CREATED_TAG, OWNER_TAG } from '../../src/aws/own-interface.ts';
import { failure, faults, NEVER, withFixture } from './aws-fixture.ts';

describe('garbage', () => {
  it('is what is detached, old and the agent’s own', () =>
    withFixture(async ({ cloud, clock, connect, groups, instance, subnet }) => {
      const driver = await connect();
      const made = await driver.attach(1, [groups[0]], NEVER);
      const create = (owner: string | undefined, ageMs: number): string => {
        const created = new Date(clock.now - ageMs).toISOString();
        const tags: Record<string, string> =
          owner === undefined ? {} : { [OWNER_TAG]: owner, [CREATED_TAG]: created };
        return cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags }).id;
      };
      const old = create(instance.id, 300_000);
      const kept = [create(instance.id, 299_999), create('i-other', 1e9), create(undefined, 1e9)];
      expect(await driver.collectGarbage(NEVER)).toEqual([old]);
      expect([...cloud.interfaces.keys()]).toEqual(expect.arrayContaining([...kept, made.id]));
      expect(await driver.collectGarbage(NEVER)).toEqual([]);
    }));

  it('is collected at a bounded rate', () =>
    withFixture(async ({ cloud, clock, connect, groups, instance, subnet }) => {
      const driver = await connect({ deletesPerMinute: 3 });
      const tags = { [OWNER_TAG]: instance.id, [CREATED_TAG]: '2020-01-01T00:00:00Z' };
      for (let i = 0; i < 7; i++) cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags });
      const counts: number[] = [];
      for (let i = 0; i < 8; i++) {
        counts.push((await driver.collectGarbage(NEVER)).length);
        clock.now += 30_000;
      }
      expect(counts).toEqual([3, 0, 3, 0, 1, 0, 0, 0]);
    }));

  it('is not an interface that an old view shows as detached', () =>
    withFixture(async ({ cloud, clock, connect, groups, instance, subnet }) => {
      const driver = await connect();
      const tags = { [OWNER_TAG]: instance.id, [CREATED_TAG]: '2020-01-01T00:00:00Z' };
      const { id } = cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags });
      clock.now += 1000;
      cloud.attach(id, instance.id, 1);
      cloud.lagMs = () => 500;
      expect(await driver.collectGarbage(NEVER)).toEqual([]);
      expect(cloud.interface(id).attachment).toBeDefined();
      cloud.lagMs = () => 0;
      await driver.collectGarbage(NEVER);
      expect(cloud.interface(id).attachment).toMatchObject({ deleteOnTermination: true });
    }));

  it('tells of failures after it has tried all', () =>
    withFixture(async ({ cloud, connect, fake, groups, instance, subnet }) => {
      const driver = await connect({ tries: 1 });
      const tags = { [OWNER_TAG]: instance.id, [CREATED_TAG]: '2020-01-01T00:00:00Z' };
      for (let i = 0; i < 3; i++) cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags });
      fake.faultFor = faults('DeleteNetworkInterface', 'error-before');
      const error = await failure(driver.collectGarbage(NEVER));
      expect(error).toBeInstanceOf(AggregateError);
      expect((error as AggregateError).errors).toHaveLength(1);
      expect(cloud.interfaces.size).toBe(2);
    }));
});

it('a spare that an attach is about to use is no garbage', () =>
  withFixture(async ({ cloud, clock, connect, fake, groups, instance, subnet }) => {
    const driver = await connect();
    const tags = { [OWNER_TAG]: instance.id, [CREATED_TAG]: '2020-01-01T00:00:00Z' };
    const spare = cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags });
    fake.faultFor = faults('AttachNetworkInterface', 'throttle');
    const { sleep } = clock;
    const collected: (readonly string[])[] = [];
    clock.sleep = async (delayMs, signal) => {
      collected.push(await driver.collectGarbage(NEVER));
      await sleep.call(clock, delayMs, signal);
    };
    expect((await driver.attach(1, [groups[0]], NEVER)).id).toBe(spare.id);
    expect(collected.length).toBeGreaterThan(0);
    expect(collected.flat()).toEqual([]);
  }));
