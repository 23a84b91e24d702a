/**
 * Prefers agents that have what the task needs at hand: an image that is pulled, a security group that an interface is
 * prepared for (Titus's CachedImage and CachedSecurityGroup calculators over its AgentResourceCache).
 */
import type { FitnessCalculator } from '@stowage/core';
import { requireTexts } from '../parameters.ts';
import { ONE, published } from '../published-score.ts';

const MISSING = published(0.01);

/**
 * 1.0 where the agent reports the value of the task's label among its cached items of a kind (`reportAgent`), else
 * 0.01, from 0 to 10^9 = 1.0. A task without the label scores 0.01 everywhere. Expected O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function cachedItem(kind: string, label: string): FitnessCalculator {
  requireTexts('cachedItem', kind, label);
  return {
    name: `cached ${kind}`,
    key: JSON.stringify(['cachedItem', kind, label]),
    dependsOn: 'agent',
    range: [0, ONE],
    bind(cluster, task) {
      const cached = cluster.cached(kind);
      const item = task.label(label);
      const id = item === undefined ? 0 : cached.idOf(item);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = id !== 0 && cached.has(rows[i], id) ? ONE : MISSING;
        },
      };
    },
  };
}

/** `cachedItem` of the kind `image` for the image that the label `image` names. @public */
export function cachedImage(label = 'image'): FitnessCalculator {
  return cachedItem('image', label);
}

/** `cachedItem` of the kind `securityGroup` for what the label `securityGroup` names. @public */
export function cachedSecurityGroup(label = 'securityGroup'): FitnessCalculator {
  return cachedItem('securityGroup', label);
}
