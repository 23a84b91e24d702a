/**
 * Whether an agent may take new tasks, for reasons that lie outside the agent: disabled until a time, draining, or
 * in a group that is not active. Gates know ids, not agents, so an agent may be disabled before it is known.
 * Nothing here reads a clock: every answer is for the moment that is asked about. From Fenzo's `disableVM` and
 * `setActiveVmGroups`, without losing a disable for an unknown host.
 */
import { fail } from '../errors.ts';
import { Deadlines } from '../offers/deadlines.ts';
import { text } from '../resources/specs.ts';
import { show } from '../support/show.ts';

/** Why an agent takes no new tasks. @public */
export interface GateReason {
  readonly code: 'disabled' | 'draining' | 'inactive';
  /** In words, for people. */
  readonly text: string;
}

/** The state of `AgentGates`; plain data, equal for equal states. @public */
export interface AgentGatesState {
  /** Agent and end of the time, in the order of ids. */
  readonly disabled: readonly (readonly [agentId: string, untilMs: number])[];
  readonly draining: readonly string[];
  readonly activeGroups?: { readonly attribute: string; readonly groups: readonly string[] };
}

/**
 * Answers whether agents may take new tasks.
 * @public
 */
export class AgentGates {
  readonly #disabled = new Deadlines();
  readonly #draining = new Set<string>();
  #groups: { readonly attribute: string; readonly active: ReadonlySet<string> } | undefined;

  /**
   * Keeps new tasks off an agent while `nowMs < untilMs`; replaces an earlier time, also a later one. The agent need
   * not exist. Memory is bounded by `advance`, which forgets what has passed.
   * @throws StowageError INVALID_SPEC for an empty id or a time that is not finite
   */
  disable(agentId: string, untilMs: number): void {
    text(agentId, 'agent id');
    if (!Number.isFinite(untilMs))
      fail('INVALID_SPEC', `untilMs is ${show(untilMs)}; give milliseconds, or use drain to have no limit.`);
    this.#disabled.set(agentId, untilMs);
  }

  /** Ends a disable at once; draining and groups are not touched. */
  enable(agentId: string): void {
    this.#disabled.delete(agentId);
  }

  /** Keeps new tasks off an agent (true) until this is called again (false). @throws StowageError INVALID_SPEC */
  drain(agentId: string, draining = true): void {
    if (draining) this.#draining.add(text(agentId, 'agent id'));
    else this.#draining.delete(agentId);
  }

  /**
   * Only agents whose attribute has one of the values take new tasks; an agent without the attribute takes none.
   * Afterwards the answer for any agent may have changed.
   * @param groups - empty or undefined: all agents are active
   * @throws StowageError INVALID_SPEC
   */
  setActiveGroups(attribute: string, groups?: readonly string[]): void {
    text(attribute, 'attribute');
    if (groups !== undefined && !Array.isArray(groups))
      fail('INVALID_SPEC', `the groups are ${show(groups)}; give a list, or nothing for all.`);
    const active = new Set((groups ?? []).map((group) => text(group, 'group')));
    this.#groups = active.size === 0 ? undefined : { attribute, active };
  }

  /**
   * Forgets what has passed. A clock that goes backwards brings nothing back.
   * @returns ids of the agents whose time has passed since the last call, in the order of time. O(returned · log n)
   */
  advance(nowMs: number): string[] {
    const passed: string[] = [];
    for (let first = this.#disabled.first(); first !== undefined; first = this.#disabled.first()) {
      if (first.atMs > nowMs) break;
      this.#disabled.delete(first.key);
      passed.push(first.key);
    }
    return passed;
  }

  /**
   * Why an agent may not take new tasks at this moment; undefined when it may. Disabled before draining before
   * inactive. O(1).
   */
  reasonFor(
    agentId: string,
    attributes: Readonly<Record<string, string>>,
    nowMs: number,
  ): GateReason | undefined {
    const until = this.#disabled.get(agentId)?.atMs;
    if (until !== undefined && nowMs < until)
      return { code: 'disabled', text: `disabled until ${until}, in ${until - nowMs} ms` };
    if (this.#draining.has(agentId)) return { code: 'draining', text: 'draining' };
    if (this.#groups === undefined) return undefined;
    const { attribute, active } = this.#groups;
    const group = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    if (group !== undefined && active.has(group)) return undefined;
    const inWords =
      group === undefined ? `no attribute ${show(attribute)}` : `group ${show(group)} is inactive`;
    return { code: 'inactive', text: inWords };
  }

  /** The state as plain data, for example for JSON. */
  state(): AgentGatesState {
    const disabled = [...this.#disabled.entries()].map(({ key, atMs }) => [key, atMs] as const);
    disabled.sort(([a], [b]) => (a < b ? -1 : 1));
    const groups = this.#groups;
    return {
      disabled,
      draining: [...this.#draining].sort(),
      ...(groups !== undefined && {
        activeGroups: { attribute: groups.attribute, groups: [...groups.active].sort() },
      }),
    };
  }

  /** Gates with a state that `state` returned. @throws StowageError INVALID_SPEC */
  static from(state: AgentGatesState): AgentGates {
    const { disabled, draining, activeGroups } = (state ?? {}) as Partial<AgentGatesState>;
    if (!Array.isArray(disabled) || !Array.isArray(draining))
      fail('INVALID_SPEC', `the state is ${show(state)}; use one that state() returned.`);
    const gates = new AgentGates();
    for (const entry of disabled as readonly unknown[]) {
      if (!Array.isArray(entry))
        fail('INVALID_SPEC', `${show(entry)} is no disabled agent; use [id, untilMs].`);
      gates.disable(entry[0] as string, entry[1] as number);
    }
    for (const agentId of draining as readonly string[]) gates.drain(agentId);
    if (activeGroups !== undefined) gates.setActiveGroups(activeGroups.attribute, activeGroups.groups);
    return gates;
  }
}
