/**
 * Joint tightness: the least of free/total over several resources, in steps of 2^-20. What fits has joint tightness of
 * at least the need's. It keeps a search out of children in which one agent has enough of each resource but none has
 * enough of all.
 */
import { AgentType, jointCount, scalarCount, stepsPerUnit, word } from './memory-map';

/** As in `index-dimensions.ts`. */
const STEPS: i32 = 1 << 20;

/** Writes the joint tightness of some units, by scalar. */
export function writeTightness(units: usize, type: AgentType, joints: usize): void {
  if (jointCount === 0) return;
  const first = stepsOf(units, type, 0);
  let least = first;
  for (let r = 1; r < scalarCount; r++) {
    const steps = stepsOf(units, type, r);
    least = min(least, steps);
    if (jointCount > 1) store<i32>(word(joints, r), min(first, steps));
  }
  store<i32>(joints, least);
}

function stepsOf(units: usize, type: AgentType, scalar: i32): i32 {
  const steps = <f64>load<i32>(word(units, scalar)) * stepsPerUnit(type, scalar);
  return min(<i32>steps, STEPS);
}
