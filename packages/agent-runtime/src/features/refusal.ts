/**
 * Whether an agent can take a task at all. The answer is for people who read it in an error: it names every feature
 * that is missing, which field asked for it, and what would bring it or how to do without.
 */
import { AGENT_FEATURES, type FeatureReport, type FeatureState, type TaskSpec } from '@stowage/protocol';
import type { HostFacts } from './host-facts.ts';
import { type FeatureNeed, featureNeeds } from './required-features.ts';

/** How a spec goes without what it has by default. */
const WITHOUT: Readonly<Record<string, string>> = {
  'user-namespace': 'security.userNamespace false',
  seccomp: "security.seccomp 'unconfined'",
  'no-new-privileges': 'security.noNewPrivileges false',
};

/**
 * @param hardLimits - of `HostFacts`; limits of a spec above them are refused. Default: none known
 * @returns undefined when this agent can do what the task asks for
 * @public
 */
export function refusal(
  spec: TaskSpec,
  report: FeatureReport,
  hardLimits: Partial<HostFacts['hardLimits']> = {},
): string | undefined {
  const reasons = [
    ...featureNeeds(spec).flatMap((need) => missing(need, report)),
    ...rateOfHostNetwork(spec),
    ...limitsTooHigh(spec, hardLimits),
  ];
  return reasons.length === 0 ? undefined : `This agent cannot run ${spec.taskId}: ${reasons.join('; ')}.`;
}

function missing({ feature, weakest, askedBy }: FeatureNeed, report: FeatureReport): readonly string[] {
  if (!Object.hasOwn(AGENT_FEATURES, feature)) return [`${askedBy} names an unknown feature, ${feature}`];
  const { level, detail }: FeatureState = report[feature as keyof FeatureReport];
  if (level === 'enforced' || level === weakest) return [];
  const how = askedBy.endsWith('(by default)') ? WITHOUT[feature] : undefined;
  const remedy = how === undefined ? '' : `; or set ${how}`;
  return [`${feature} is ${level}, asked for by ${askedBy} (${detail}${remedy})`];
}

function rateOfHostNetwork({ network, resources }: TaskSpec): readonly string[] {
  if (network?.mode !== 'host') return [];
  return resources.networkMbps === undefined && network.burstMbps === undefined
    ? []
    : ["bandwidth cannot be limited on the host's own network; use network.mode vpc or leave out the rate"];
}

function limitsTooHigh(spec: TaskSpec, hardLimits: Partial<HostFacts['hardLimits']>): readonly string[] {
  return (spec.limits ?? [])
    .filter(({ name, hard }) => hard > (hardLimits[name] ?? Infinity))
    .map(
      ({ name, hard }) =>
        `the limit ${name} ${hard} is above ${hardLimits[name]}, the most that this host lets the agent give; ` +
        'ask for less, or raise the hard limit of the agent or give it CAP_SYS_RESOURCE',
    );
}
