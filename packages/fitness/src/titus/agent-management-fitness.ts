/**
 * Prefers agents that have proved reliable, and uses up phased-out ones last (Titus's AgentManagementFitnessCalculator).
 * Titus takes a quality of 0 for unknown and gives it 0.5, so its worst agents rank with new ones; here 0 stays 0.
 */
import { type FitnessCalculator, MAX_UNITS, show, StowageError } from '@stowage/core';
import { requireTexts } from '../parameters.ts';
import { ONE, published } from '../published-score.ts';

/** @public */
export interface AgentManagementFitnessOptions {
  /** Signal with the quality of an agent, from 0 (bad). Default `quality`. */
  readonly signal?: string;
  /** The signal of an agent without fault, which counts as 1.0; greater ones do too. Default 1,000,000. */
  readonly best?: number;
  /** Attribute with the phase of an agent: `active` or `phasedOut`. Default `phase`. */
  readonly phase?: string;
  /** Attribute that is `true` on agents that should rather get no tasks. Default `preferNoPlacement`. */
  readonly preferNoPlacement?: string;
}

const LAST_RESORT = published(0.000_001);
const OTHER_PHASE = published(0.01);

/**
 * The quality of an active agent; 10^-6 of it where the agent is phased out or prefers no placement; 0.01 in any other
 * phase or without one. Quality is signal / best, at most 1.0, and 0.5 where the agent never reported it. From 0 to
 * 10^9 = 1.0, rounded to the nearest integer. O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function agentManagementFitness(options: AgentManagementFitnessOptions = {}): FitnessCalculator {
  const {
    signal = 'quality',
    best = 1_000_000,
    phase = 'phase',
    preferNoPlacement = 'preferNoPlacement',
  } = options;
  requireTexts('agentManagementFitness', signal, phase, preferNoPlacement);
  if (!Number.isInteger(best) || best < 1 || best > MAX_UNITS) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `agentManagementFitness: best is ${show(best)}; give an integer from 1 to ${MAX_UNITS}.`,
    );
  }
  return {
    name: 'agent management',
    key: JSON.stringify(['agentManagementFitness', signal, best, phase, preferNoPlacement]),
    dependsOn: 'agent',
    range: [0, ONE],
    bind(cluster) {
      const quality = cluster.signal(signal);
      const phases = cluster.attribute(phase);
      const active = phases.idOf('active');
      const phasedOut = phases.idOf('phasedOut');
      const flags = cluster.attribute(preferNoPlacement);
      const flagged = flags.idOf('true');
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            const id = phases.ids[row];
            const isLastResort =
              (id !== 0 && id === phasedOut) || (flagged !== 0 && flags.ids[row] === flagged);
            if (!isLastResort && (id === 0 || id !== active)) {
              scores[i] = OTHER_PHASE;
              continue;
            }
            const full = isLastResort ? LAST_RESORT : ONE;
            scores[i] =
              quality[row] < 0 ? full / 2 : Math.round((full * Math.min(quality[row], best)) / best);
          }
        },
      };
    },
  };
}
