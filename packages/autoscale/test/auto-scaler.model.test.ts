/**
 * The auto-scaler against its model, in random worlds. Every command changes the world and is followed by an evaluation;
 * what is checked then stands in `pool-world.ts`.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FullRule, POOLS } from './pool-model.ts';
import { type Agent, seen, World } from './pool-world.ts';

const STEPS = 30_000;

/** A command that changes the world, and one evaluation. */
class Change implements fc.Command<object, World> {
  readonly #name: string;
  readonly #change: (world: World) => void;

  constructor(name: string, change: (world: World) => void) {
    this.#name = name;
    this.#change = change;
  }

  check(): boolean {
    return true;
  }

  run(_model: object, world: World): void {
    this.#change(world);
    world.step();
  }

  toString(): string {
    return this.#name;
  }
}

const pools = fc.constantFrom(...POOLS);
const durations = fc.constantFrom(0, 0, 1000, 2000, 3000);
const ruleArbitrary = (pool: fc.Arbitrary<string>): fc.Arbitrary<FullRule> =>
  fc
    .record({
      pool,
      idle: fc.tuple(fc.nat(3), fc.nat(3)),
      size: fc.tuple(fc.nat(4), fc.nat(8)),
      coolDownMs: fc.constantFrom(0, 2000, 5000),
      scaleUpDelayMs: durations,
      scaleDownDelayMs: durations,
      idleGraceMs: fc.constantFrom(0, 0, 3000),
      priority: fc.nat(2),
    })
    .map(({ idle: [minIdle, moreIdle], size: [minSize, more], ...rest }) => ({
      minIdle,
      maxIdle: minIdle + moreIdle,
      minSize,
      maxSize: minSize + more,
      ...rest,
    }));

/** The agent that an index means; none where there are none. */
function withAgent(which: number, change: (agent: Agent, world: World) => void): (world: World) => void {
  return (world) => {
    if (world.agents.length > 0) change(world.agents[which % world.agents.length], world);
  };
}

const rarely = fc.nat(3).map((number) => number === 0);
const agentAt = fc.nat(50);
/** Counted twice, so that worlds move on. */
const waiting = fc
  .constantFrom(0, 400, 1000, 1000, 2000, 3000, 7000, 7000)
  .map((ms) => new Change(`wait ${ms}`, (world) => (world.now += ms)));
const commands = [
  waiting,
  waiting,
  fc
    .constantFrom(0, 0, 1000, 30_000)
    .map((ms) => new Change(`clock back ${ms}`, (world) => (world.now -= ms))),
  fc.tuple(pools, fc.integer({ min: 1, max: 5 })).map(
    ([pool, most]) =>
      new Change(`${most} of ${pool} come`, (world) => {
        const waiting = world.pending.get(pool);
        const count = Math.min(most, waiting?.count ?? 0);
        for (let i = 0; i < count; i++) world.addAgent(pool, {});
        if (waiting !== undefined) waiting.count -= count;
      }),
  ),
  fc.record({ pool: pools, keep: rarely, small: rarely, retired: rarely }).map(
    ({ pool, keep, small, retired }) =>
      new Change(`three agents of ${pool}`, (world) => {
        if (world.pendingOf(pool) > 0 && !world.tellsPending) return;
        const attributes = { ...(keep ? { keep: 'yes' } : {}), ...(small ? { small: 'yes' } : {}) };
        for (let i = 0; i < 3; i++) world.addAgent(pool, { attributes, active: !retired });
      }),
  ),
  agentAt.map(
    (which) =>
      new Change(
        `use or free ${which}`,
        withAgent(which, (agent, { now }) => {
          if (agent.disabled && agent.idle) return;
          agent.idle = !agent.idle;
          agent.idleSinceMs = now;
        }),
      ),
  ),
  agentAt.map(
    (which) =>
      new Change(
        `retire or reinstate ${which}`,
        withAgent(which, (agent) => (agent.active = !agent.active)),
      ),
  ),
  agentAt.map(
    (which) =>
      new Change(
        `protect or not ${which}`,
        withAgent(which, (agent) => (agent.protected = !agent.protected)),
      ),
  ),
  agentAt.map(
    (which) =>
      new Change(
        `lose ${which}`,
        withAgent(which, (agent, world) => void world.agents.splice(world.agents.indexOf(agent), 1)),
      ),
  ),
  fc.constant(
    new Change('terminate', (world) => {
      const leaving = world.agents.filter(({ disabled, idle }) => disabled && idle);
      for (const agent of leaving) world.agents.splice(world.agents.indexOf(agent), 1);
    }),
  ),
  fc
    .record({
      kind: fc.constantFrom('all-agents-full', 'transient', 'never'),
      pools: fc.option(fc.uniqueArray(pools, { minLength: 1 }), { nil: undefined }),
      waitedMs: fc.constantFrom(0, 4000, 6000),
    })
    .map(
      ({ kind, pools: own, waitedMs }) =>
        new Change(`a task fails: ${kind}`, (world) => {
          world.tasks.push({
            task: { id: `task-${world.names++}`, resources: {} },
            kind,
            waitingSinceMs: world.now - waitedMs,
            ...(own === undefined ? {} : { pools: own }),
          });
        }),
    ),
  fc
    .nat(9)
    .map((most) => new Change(`at most ${most} tasks fail still`, (world) => void world.tasks.splice(most))),
  ruleArbitrary(pools).map((rule) => new Change(`rule ${rule.pool}`, (world) => world.setRule(rule))),
  fc.tuple(pools, rarely).map(
    ([pool, remove]) =>
      new Change(`no rule ${pool}`, (world) => {
        if (remove) world.removeRule(pool);
      }),
  ),
  fc.constant(new Change('groups set', (world) => (world.groupsSetAt = world.now))),
  fc.constant(new Change('save and restore', (world) => world.restore())),
];

test('decides as the model does, and never breaks an invariant', () => {
  fc.assert(
    fc.property(
      fc.tuple(...POOLS.map((pool) => ruleArbitrary(fc.constant(pool)))),
      fc.boolean(),
      fc.commands(commands, { maxCommands: 160, size: 'max' }),
      (rules, tellsPending, history) => {
        fc.modelRun(() => ({ model: {}, real: new World(rules, tellsPending) }), history);
      },
    ),
    { numRuns: 450 },
  );
  expect(seen.steps).toBeGreaterThanOrEqual(STEPS);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(STEPS / 1000);
});
