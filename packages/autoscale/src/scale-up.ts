/**
 * How many agents a pool grows by: for failed tasks at once, towards `maxIdle` or `minSize` when the cool-down is over,
 * never above `maxSize`. After Fenzo, which fills up to `maxIdle` rather than `minIdle`, also on occasion of a shortfall;
 * but agents asked for count before they have come, and a pool grows to its `minSize`.
 */
import type { Reason, ScaleUp } from './decisions.ts';
import { delayIsOver } from './pool-clocks.ts';
import { coolingDown, delayed, holdBack, type PoolSituation, reason } from './pool-situation.ts';

export function scaleUp(situation: PoolSituation): ScaleUp | undefined {
  const { rule, census, starting, clocks, nowMs, startTimeoutMs } = situation;
  const reasons = callsForAgents(situation);
  if (reasons.length === 0) return undefined;
  const wanted = most(reasons);
  const count = Math.min(wanted, Math.max(0, rule.maxSize - census.size - starting));
  const atMaxSize = reason(
    'max-size',
    count,
    `at most ${count} more: ${rule.maxSize} are allowed, ${census.size} are there, ${starting} on their way`,
  );
  const delayMs = rule.scaleUpDelayMs;
  if (count === 0) holdBack(situation, 'scale-up', wanted, atMaxSize);
  else if (!delayIsOver(clocks, 'upAskedMs', delayMs, nowMs))
    holdBack(situation, 'scale-up', wanted, delayed(delayMs));
  else {
    clocks.lastUpMs = nowMs;
    clocks.upAskedMs = null;
    clocks.expectedSize = census.size + starting + count;
    clocks.expectedUntilMs = nowMs + startTimeoutMs;
    const all = count < wanted ? [...reasons, atMaxSize] : reasons;
    return { kind: 'scale-up', pool: rule.pool, count, reasons: all };
  }
  return undefined;
}

/** What calls for agents now: failed tasks, and the thresholds unless they must cool down. */
function callsForAgents(situation: PoolSituation): Reason[] {
  const { shortfall, clocks } = situation;
  const thresholds = brokenThresholds(situation);
  const cooling = thresholds.length > 0 ? coolingDown(situation, clocks.lastUpMs) : undefined;
  if (cooling !== undefined) holdBack(situation, 'scale-up', most(thresholds), cooling);
  const now = cooling === undefined ? thresholds : [];
  if (shortfall.agents === 0) return now;
  const text = `${shortfall.tasks} failed tasks call for ${shortfall.agents} agents`;
  return [reason('shortfall', shortfall.agents, text), ...now];
}

function brokenThresholds({ rule, census, starting, shortfall }: PoolSituation): Reason[] {
  const { minIdle, maxIdle, minSize } = rule;
  const idle = census.idle + starting;
  const coming = starting > 0 ? ` and ${starting} on their way` : '';
  const reasons: Reason[] = [];
  if (idle < minIdle) {
    const text = `${census.idle} agents are idle${coming}, at least ${minIdle} should be; fill up to ${maxIdle}`;
    reasons.push(reason('min-idle', maxIdle - idle, text));
  } else if (shortfall.agents > 0 && idle < maxIdle) {
    reasons.push(
      reason('max-idle', maxIdle - idle, `${census.idle} agents are idle${coming}; fill up to ${maxIdle}`),
    );
  }
  const usable = census.usable + starting;
  if (usable < minSize) {
    const text = `${census.usable} agents can take tasks${coming}, at least ${minSize} should`;
    reasons.push(reason('min-size', minSize - usable, text));
  }
  return reasons;
}

function most(reasons: readonly Reason[]): number {
  return Math.max(...reasons.map(({ agents }) => agents));
}
