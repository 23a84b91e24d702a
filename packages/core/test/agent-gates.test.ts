import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgentGates, type AgentGatesState } from '../src/index.ts';

describe('agent gates', () => {
  test('an agent that nobody named takes tasks', () => {
    expect(new AgentGates().reasonFor('a', {}, 0)).toBeUndefined();
  });

  test('a disable holds until its time, also for an agent that is not known yet', () => {
    const gates = new AgentGates();
    gates.disable('a', 100);
    expect(gates.reasonFor('a', {}, 99)).toEqual({ code: 'disabled', text: 'disabled until 100, in 1 ms' });
    expect(gates.reasonFor('a', {}, 100)).toBeUndefined();
    expect(gates.reasonFor('b', {}, 0)).toBeUndefined();
  });

  test('a later disable replaces an earlier one; enable ends it', () => {
    const gates = new AgentGates();
    gates.disable('a', 100);
    gates.disable('a', 50);
    expect(gates.reasonFor('a', {}, 60)).toBeUndefined();
    gates.disable('a', 200);
    gates.enable('a');
    gates.enable('never disabled');
    expect(gates.reasonFor('a', {}, 0)).toBeUndefined();
    expect(gates.advance(1000)).toEqual([]);
  });

  test('draining is apart from disabling', () => {
    const gates = new AgentGates();
    gates.drain('a');
    gates.disable('a', 10);
    gates.enable('a');
    expect(gates.reasonFor('a', {}, 0)).toEqual({ code: 'draining', text: 'draining' });
    gates.drain('a', false);
    expect(gates.reasonFor('a', {}, 0)).toBeUndefined();
  });

  test('with active groups, agents of other groups and without a group take nothing', () => {
    const gates = new AgentGates();
    gates.setActiveGroups('asg', ['blue', 'green']);
    expect(gates.reasonFor('a', { asg: 'green' }, 0)).toBeUndefined();
    expect(gates.reasonFor('a', { asg: 'red' }, 0)).toEqual({
      code: 'inactive',
      text: 'group "red" is inactive',
    });
    expect(gates.reasonFor('a', { zone: 'green' }, 0)?.code).toBe('inactive');
    expect(gates.reasonFor('a', Object.create({ asg: 'green' }) as Record<string, string>, 0)?.code).toBe(
      'inactive',
    );
  });

  test.each([[[]], [undefined]])('%j as groups = all agents are active', (groups) => {
    const gates = new AgentGates();
    gates.setActiveGroups('asg', ['blue']);
    gates.setActiveGroups('asg', groups);
    expect(gates.reasonFor('a', {}, 0)).toBeUndefined();
  });

  test('advance names those whose time has passed, once, and forgets them', () => {
    const gates = new AgentGates();
    gates.disable('late', 200);
    gates.disable('second', 100);
    gates.disable('first', 50);
    expect(gates.advance(49)).toEqual([]);
    expect(gates.advance(100)).toEqual(['first', 'second']);
    expect(gates.advance(100)).toEqual([]);
    expect(gates.state().disabled).toEqual([['late', 200]]);
  });

  test('a clock that goes backwards brings nothing back', () => {
    const gates = new AgentGates();
    gates.disable('a', 100);
    expect(gates.advance(100)).toEqual(['a']);
    expect(gates.advance(10)).toEqual([]);
    expect(gates.reasonFor('a', {}, 10)).toBeUndefined();
  });

  test('the state is plain data, equal for equal states, and can be read back', () => {
    const gates = new AgentGates();
    gates.disable('b', 20);
    gates.disable('a', 30);
    gates.drain('z');
    gates.drain('y');
    gates.setActiveGroups('asg', ['two', 'one']);
    const state = gates.state();
    expect(state).toEqual({
      disabled: [
        ['a', 30],
        ['b', 20],
      ],
      draining: ['y', 'z'],
      activeGroups: { attribute: 'asg', groups: ['one', 'two'] },
    });
    expect(AgentGates.from(JSON.parse(JSON.stringify(state)) as AgentGatesState).state()).toEqual(state);
    expect(new AgentGates().state()).toEqual({ disabled: [], draining: [] });
  });

  test.each<[string, (gates: AgentGates) => unknown]>([
    ['an empty id', (gates) => gates.disable('', 10)],
    ['no time', (gates) => gates.disable('a', Number.NaN)],
    ['an endless time', (gates) => gates.disable('a', Infinity)],
    ['an empty id to drain', (gates) => gates.drain('')],
    ['an empty attribute', (gates) => gates.setActiveGroups('', ['a'])],
    ['groups that are no list', (gates) => gates.setActiveGroups('asg', 'blue' as unknown as string[])],
    ['groups that are no texts', (gates) => gates.setActiveGroups('asg', [1] as unknown as string[])],
    ['no state', () => AgentGates.from(undefined as unknown as AgentGatesState)],
    [
      'a state of another form',
      () => AgentGates.from({ disabled: {}, draining: [] } as unknown as AgentGatesState),
    ],
    [
      'a broken entry',
      () => AgentGates.from({ disabled: [null], draining: [] } as unknown as AgentGatesState),
    ],
  ])('%s is refused with INVALID_SPEC and changes nothing', (_, call) => {
    const gates = new AgentGates();
    gates.setActiveGroups('asg', ['blue']);
    const before = gates.state();
    expect(() => call(gates)).toThrow('INVALID_SPEC');
    expect(gates.state()).toEqual(before);
  });

  test('answers as a map of times does, over random histories with a clock that may go backwards', () => {
    const agents = ['a', 'b', 'c'] as const;
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('disable' as const),
        agent: fc.constantFrom(...agents),
        forMs: fc.nat(30),
      }),
      fc.record({ kind: fc.constant('enable' as const), agent: fc.constantFrom(...agents) }),
      fc.record({ kind: fc.constant('drain' as const), agent: fc.constantFrom(...agents), on: fc.boolean() }),
      fc.record({ kind: fc.constant('groups' as const), groups: fc.subarray(['x', 'y']) }),
      fc.record({ kind: fc.constant('advance' as const), byMs: fc.integer({ min: -5, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        let gates = new AgentGates();
        const until = new Map<string, number>();
        const draining = new Set<string>();
        let groups: string[] = [];
        let nowMs = 0;
        for (const given of steps) {
          if (given.kind === 'disable') {
            gates.disable(given.agent, nowMs + given.forMs);
            until.set(given.agent, nowMs + given.forMs);
          } else if (given.kind === 'enable') {
            gates.enable(given.agent);
            until.delete(given.agent);
          } else if (given.kind === 'drain') {
            gates.drain(given.agent, given.on);
            if (given.on) draining.add(given.agent);
            else draining.delete(given.agent);
          } else if (given.kind === 'groups') {
            gates.setActiveGroups('group', given.groups);
            groups = given.groups;
          } else {
            nowMs += given.byMs;
            const passed = agents.filter((agent) => (until.get(agent) ?? Infinity) <= nowMs);
            expect(gates.advance(nowMs).sort()).toEqual(passed);
            for (const agent of passed) until.delete(agent);
          }
          gates = AgentGates.from(gates.state());
          for (const agent of agents) {
            for (const group of ['x', 'y', 'z']) {
              const expected =
                (until.get(agent) ?? -Infinity) > nowMs
                  ? 'disabled'
                  : draining.has(agent)
                    ? 'draining'
                    : groups.length > 0 && !groups.includes(group)
                      ? 'inactive'
                      : undefined;
              expect(gates.reasonFor(agent, { group }, nowMs)?.code).toBe(expected);
            }
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
