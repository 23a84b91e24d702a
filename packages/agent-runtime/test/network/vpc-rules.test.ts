/** When the cloud is asked for rules, and what the router has meanwhile. */
import { expect, test } from 'vitest';
import { type AddressAssignment, groupsKey } from '../../src/network/address-assignment.ts';
import type { SecurityGroup } from '../../src/network/security-groups.ts';
import type { GroupHolders } from '../../src/network/vpc-driver.ts';
import { VpcRules } from '../../src/network/vpc-rules.ts';

const never = new AbortController().signal;

class World {
  readonly asked: (readonly GroupHolders[])[] = [];
  readonly set: (readonly SecurityGroup[])[] = [];
  readonly failures: unknown[] = [];
  readonly live: AddressAssignment[] = [];
  readonly closing: AbortController = new AbortController();
  /** What the cloud does with the next question. */
  answer: (groups: readonly SecurityGroup[]) => Promise<readonly SecurityGroup[]> = (groups) =>
    Promise.resolve(groups);
  routerFailure: Error | undefined;
  /** Until then a change of the router takes. */
  apply: Promise<void> = Promise.resolve();
  readonly rules: VpcRules = new VpcRules({
    driver: {
      rulesAmong: (holders) => {
        this.asked.push(holders);
        return this.answer(
          holders.map(({ securityGroups }) => ({ id: groupsKey(securityGroups), ingress: [] })),
        );
      },
    },
    router: {
      setSecurityGroups: (groups) => {
        if (this.routerFailure !== undefined) return Promise.reject(this.routerFailure);
        this.set.push(groups);
        return this.apply;
      },
    },
    assignments: () => this.live,
    onFailed: (error) => this.failures.push(error),
    signal: this.closing.signal,
  });

  arrive(...securityGroups: string[]): Promise<void> {
    this.live.push({
      interfaceId: 'if-1',
      interfaceIndex: 1,
      macAddress: '02:00:00:00:00:01',
      subnet: { id: 's', cidr: '10.1.0.0/20', gateway: '10.1.0.1' },
      address: `10.1.0.${this.live.length + 10}`,
      securityGroups,
    });
    return this.rules.know(securityGroups, never);
  }
}

test('the cloud is asked once per new set of groups, and once for all who come at the same time', async () => {
  const world = new World();
  await Promise.all([world.arrive('a', 'b'), world.arrive('a', 'b'), world.arrive('c')]);
  expect(world.asked).toEqual([
    [
      { securityGroups: ['a', 'b'], subnets: ['10.1.0.0/20'] },
      { securityGroups: ['c'], subnets: ['10.1.0.0/20'] },
    ],
  ]);
  await world.arrive('c');
  expect(world.asked).toHaveLength(1);
  await world.arrive('d');
  expect(world.asked).toHaveLength(2);
  expect(world.set.at(-1)!.map(({ id }) => id)).toEqual([['a', 'b'], ['c'], ['d']].map(groupsKey));
});

test('who comes while a question is on its way is in the next one', async () => {
  const world = new World();
  let answerFirst!: () => void;
  world.answer = (groups) => new Promise((resolve) => (answerFirst = () => resolve(groups)));
  const first = world.arrive('a');
  await expect.poll(() => world.asked.length).toBe(1);
  world.answer = (groups) => Promise.resolve(groups);
  const second = world.arrive('b');
  answerFirst();
  await Promise.all([first, second]);
  expect(world.asked.map((holders) => holders.length)).toEqual([1, 2]);
});

test('the router is told only of what has changed, and again when it failed', async () => {
  const world = new World();
  await world.arrive('a');
  await world.rules.refresh();
  expect([world.asked.length, world.set.length]).toEqual([2, 1]);
  world.answer = (groups) =>
    Promise.resolve(groups.map(({ id }) => ({ id, ingress: [{ from: { group: id }, protocol: 'all' }] })));
  world.routerFailure = new Error('no nft');
  await expect(world.rules.refresh()).rejects.toThrow('no nft');
  world.routerFailure = undefined;
  await world.rules.refresh();
  expect(world.set).toHaveLength(2);
  expect(world.set[1][0].ingress).toHaveLength(1);
  world.live.length = 0;
  await world.rules.refresh();
  expect(world.set[2]).toEqual([]);
  expect(world.asked).toHaveLength(4);
});

test('a task goes on without rules when the cloud fails, the failure is told, and the next one asks again', async () => {
  const world = new World();
  world.answer = () => Promise.reject(new Error('throttled'));
  await world.arrive('a');
  expect(world.failures).toEqual([new Error('throttled')]);
  world.answer = (groups) => Promise.resolve(groups);
  await world.arrive('a');
  expect(world.set).toHaveLength(1);
});

test('abort lets a task go, the question goes on for others; the end of all ends it', async () => {
  const world = new World();
  world.answer = () => new Promise(() => undefined);
  void world.arrive('a');
  const controller = new AbortController();
  const waiting = world.rules.know(['a'], controller.signal);
  controller.abort(new Error('killed'));
  await expect(waiting).rejects.toThrow('killed');
  expect(world.failures).toEqual([]);
  world.closing.abort(new Error('closed'));
  await world.rules.settled();
  expect(world.set).toEqual([]);
  const closed = new World();
  closed.closing.abort(new Error('closed'));
  await expect(closed.rules.refresh()).rejects.toThrow('closed');
  expect(closed.asked).toEqual([]);
});

test('the end of all waits for a change of the router that is under way, and lets none begin', async () => {
  const world = new World();
  await world.arrive('a');
  let apply!: () => void;
  world.apply = new Promise((resolve) => (apply = resolve));
  world.answer = () => Promise.resolve([]);
  const refreshed = world.rules.refresh();
  await expect.poll(() => world.set.length).toBe(2);
  world.closing.abort(new Error('closed'));
  let isSettled = false;
  const settled = world.rules.settled().then(() => (isSettled = true));
  await new Promise(setImmediate);
  expect(isSettled).toBe(false);
  apply();
  await Promise.all([refreshed, settled]);

  const late = new World();
  late.answer = (groups) => {
    late.closing.abort(new Error('closed'));
    return Promise.resolve(groups);
  };
  await late.arrive('a');
  await late.rules.settled();
  expect(late.set).toEqual([]);
});
