/**
 * What some units weigh on an agent, and how tight they make it. Joint tightness is the least of free/total over several
 * resources, in steps of 2^-20. What fits has joint tightness of at least the need's. It keeps a search out of children
 * in which one agent has enough of each resource but none has enough of all.
 */
import { AgentType, scalarCount, TypeScalar, word } from './memory-map';

/** Of the 2^52 steps in which types tell tightness, `TIGHTNESS_STEPS` of `rank-forest.ts`, to the 2^20 that are kept. */
const DROPPED_BITS: i64 = 32;

function steps(amount: i64, scalar: TypeScalar): i64 {
  return (min(amount, scalar.total) * scalar.stepsPerUnit) >> DROPPED_BITS;
}

/** Amounts of scalars, side by side. */
export class Amounts {
  /** Load of some units. */
  @inline
  static load(units: usize, type: AgentType): i64 {
    let sum: i64 = 0;
    let at = changetype<usize>(type) + offsetof<AgentType>();
    for (const end = word(units, scalarCount); units < end; units += 4) {
      sum += <i64>load<i32>(units) * changetype<TypeScalar>(at).weight;
      at += offsetof<TypeScalar>();
    }
    return sum;
  }

  /** Writes the joint tightness of some units, by scalar. @returns their load */
  @inline
  static weigh(units: usize, type: AgentType, joints: usize): i64 {
    const count = scalarCount;
    if (count === 0) return 0;
    let at = changetype<usize>(type) + offsetof<AgentType>();
    const end = at + <usize>count * offsetof<TypeScalar>();
    const amount = <i64>load<i32>(units);
    let added = amount * changetype<TypeScalar>(at).weight;
    if (count === 1) return added;
    const first = steps(amount, changetype<TypeScalar>(at));
    let least = first;
    const all = joints;
    for (at += offsetof<TypeScalar>(); at < end; at += offsetof<TypeScalar>()) {
      units += 4;
      joints += 4;
      const amount = <i64>load<i32>(units);
      added += amount * changetype<TypeScalar>(at).weight;
      const other = steps(amount, changetype<TypeScalar>(at));
      least = min(least, other);
      if (count > 2) store<i32>(joints, <i32>min(first, other));
    }
    store<i32>(all, <i32>least);
    return added;
  }
}
