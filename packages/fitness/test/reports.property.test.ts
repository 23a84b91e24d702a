/**
 * Policies that read what agents report, against a model that computes every decision anew: no report, placement or
 * change of an agent may leave a stale score behind.
 */
import { type FitnessCalculator, PlacementEngine } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentManagementFitness, cachedImage, imageLocality } from '../src/index.ts';

interface ModelAgent {
  attributes: Record<string, string>;
  quality: number | undefined;
  images: readonly string[];
  tasks: number;
}

const ROOM = 3;
const SIZES: Record<string, number> = { a: 300, b: 900, c: 20 };
const LABELS = [{ image: 'a' }, { image: 'b', images: 'a,b,c' }, { images: 'c' }, {}] as const;
type Labels = Partial<Record<'image' | 'images', string>>;

const policies: Record<
  string,
  { policy: FitnessCalculator; model: (agent: ModelAgent, labels: Labels) => number }
> = {
  agentManagementFitness: {
    policy: agentManagementFitness({ best: 4 }),
    model: ({ attributes, quality }) => {
      const share = quality === undefined ? 0.5 : Math.min(1, quality / 4);
      if (attributes['preferNoPlacement'] === 'true' || attributes['phase'] === 'phasedOut')
        return share * 1e-6;
      return attributes['phase'] === 'active' ? share : 0.01;
    },
  },
  cachedImage: {
    policy: cachedImage(),
    model: ({ images }, { image }) => (images.some((name) => name === image) ? 1 : 0.01),
  },
  imageLocality: {
    policy: imageLocality({ sizeMiB: (image) => SIZES[image] }),
    model: ({ images }, labels) => {
      const wanted = labels.images?.split(',') ?? [];
      const atHand = wanted
        .filter((name) => images.includes(name))
        .reduce((sum, name) => sum + SIZES[name], 0);
      const share = (atHand - 23) / (1000 * wanted.length - 23);
      return wanted.length === 0 ? 0 : Math.max(0, Math.min(1, share));
    },
  },
};

const attributes = fc.record(
  {
    phase: fc.constantFrom('active', 'active', 'phasedOut', 'inactive'),
    preferNoPlacement: fc.constantFrom('true', 'false'),
  },
  { requiredKeys: [] },
);
const images = fc.subarray(['a', 'b', 'c', 'other']);
const index = fc.nat({ max: 9 });
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), attributes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('relabel' as const), agent: index, attributes }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      agent: index,
      quality: fc.option(fc.integer({ min: -1, max: 6 }), { nil: undefined }),
      images: fc.option(images, { nil: undefined }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('place' as const), labels: index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), task: index }) },
);

describe.each(Object.entries(policies))('%s', (_, { policy, model }) => {
  test('decides by the newest reports', () => {
    let decided = 0;
    fc.assert(
      fc.property(fc.array(operation, { minLength: 5, maxLength: 40, size: 'max' }), (operations) => {
        const engine = new PlacementEngine({ resources: [{ name: 'cpu' }], agentCapacity: 1 });
        const classes = LABELS.map((labels) =>
          engine.defineClass({ resources: { cpu: 1 }, labels: { ...labels }, fitness: policy }),
        );
        const agents: ModelAgent[] = [];
        const tasks: number[] = [];
        for (const step of operations) {
          if (step.kind === 'add') {
            const row = engine.addAgent({ resources: { cpu: ROOM }, attributes: { ...step.attributes } });
            agents[row] = { attributes: { ...step.attributes }, quality: undefined, images: [], tasks: 0 };
          } else if (agents.length === 0) {
            continue;
          } else if (step.kind === 'relabel') {
            const row = step.agent % agents.length;
            engine.updateAgent(row, { resources: { cpu: ROOM }, attributes: { ...step.attributes } });
            agents[row].attributes = { ...step.attributes };
          } else if (step.kind === 'report') {
            const row = step.agent % agents.length;
            engine.reportAgent(row, {
              ...(step.quality !== undefined && { signals: { quality: step.quality } }),
              ...(step.images !== undefined && { cached: { image: step.images } }),
            });
            if (step.quality !== undefined) agents[row].quality = step.quality < 0 ? undefined : step.quality;
            if (step.images !== undefined) agents[row].images = step.images;
          } else if (step.kind === 'release') {
            const [task] = tasks.splice(step.task % Math.max(1, tasks.length), 1);
            if (task === undefined) continue;
            agents[engine.agentOf(task)].tasks--;
            engine.release(task);
          } else {
            const chosen = step.labels % LABELS.length;
            const best = bestRow(agents, (agent) => model(agent, LABELS[chosen]));
            const task = engine.place(classes[chosen]);
            expect(task < 0 ? -1 : engine.agentOf(task)).toBe(best);
            decided++;
            if (task < 0) continue;
            agents[best].tasks++;
            tasks.push(task);
          }
        }
        expect(engine.verify()).toEqual([]);
      }),
      { numRuns: 400 },
    );
    expect(decided).toBeGreaterThan(1000);
  });
});

/** The lowest row with the greatest score and room. Scores are compared as the plug-ins round them. */
function bestRow(agents: readonly ModelAgent[], score: (agent: ModelAgent) => number): number {
  let best = -1;
  agents.forEach((agent, row) => {
    const rounded = (at: number) => Math.round(score(agents[at]) * 1e9);
    if (agent.tasks < ROOM && (best < 0 || rounded(row) > rounded(best))) best = row;
  });
  return best;
}
