/**
 * One complete report out of many partial ones: backend and facilities say what they provide, the host what it can
 * give at all. The weakest word counts. A feature that no provider names is unavailable, whatever the host could do:
 * a controller that nobody uses limits nobody.
 */
import {
  AGENT_FEATURES,
  type AgentFeature,
  type FeatureLevel,
  type FeatureReport,
  type FeatureState,
} from '@stowage/protocol';

/** What one backend or facility says of itself. @public */
export interface ProvidedFeatures {
  /** Stands before its details. */
  readonly name: string;
  readonly features: Readonly<Partial<Record<AgentFeature, FeatureState>>>;
}

/** From weak to strong. */
const STRENGTH: readonly FeatureLevel[] = ['unavailable', 'emulated', 'enforced'];

/** @public */
export const AGENT_FEATURE_NAMES: readonly AgentFeature[] = Object.keys(AGENT_FEATURES) as AgentFeature[];

/**
 * @param host - bounds; see `hostFeatures`
 * @param providers - of equally weak ones the first gives the detail
 * @public
 */
export function mergeFeatures(
  host: Readonly<Partial<Record<AgentFeature, FeatureState>>>,
  providers: readonly ProvidedFeatures[],
): FeatureReport {
  const merge = (feature: AgentFeature): FeatureState => {
    const words = providers
      .filter(({ features }) => features[feature] !== undefined)
      .map(({ name, features }) => named(name, features[feature]!));
    if (words.length === 0)
      return { level: 'unavailable', detail: 'no backend or facility of this agent provides it' };
    const bound = host[feature];
    return weakest(bound === undefined ? words : [...words, named('host', bound)]);
  };
  return Object.fromEntries(
    AGENT_FEATURE_NAMES.map((feature) => [feature, merge(feature)]),
  ) as unknown as FeatureReport;
}

/** The first of the weakest. */
function weakest(states: readonly FeatureState[]): FeatureState {
  return states.reduce((a, b) => (STRENGTH.indexOf(b.level) < STRENGTH.indexOf(a.level) ? b : a));
}

function named(name: string, { level, detail }: FeatureState): FeatureState {
  return { level, detail: detail === '' ? name : `${name}: ${detail}` };
}
